"""The style sheet of the page: any screen width, light and dark mode, and print."""

LIGHT = """
  --ink: #1d2126; --paper: #ffffff; --panel: #f4f6f8; --faint: #8b939c; --rule: #d9dee3; --link: #1f5fa8;
  --source: #1f5fa8; --target: #c2410c; --before: #7a828b; --after: #0f766e;
"""
DARK = """
  --ink: #e4e7ea; --paper: #14171a; --panel: #1e2226; --faint: #8b939c; --rule: #353b41; --link: #8ab8f0;
  --source: #7fb2f0; --target: #ff9d6e; --before: #9aa2ab; --after: #4fd1c0;
"""

STYLE = f"""
:root {{ color-scheme: light dark; {LIGHT} }}
@media (prefers-color-scheme: dark) {{ :root {{ {DARK} }} }}
@media print {{ :root {{ color-scheme: light; {LIGHT} }} }}
* {{ box-sizing: border-box; }}
body {{
  margin: 0 auto; max-width: 46rem; padding: 1rem 1.1rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: break-word;
}}
h1 {{ font-size: 1.7rem; line-height: 1.2; margin: 1rem 0 0.3rem; }}
h2 {{ font-size: 1.25rem; margin: 2.6rem 0 0.6rem; padding-top: 0.9rem; border-top: 1px solid var(--rule); }}
h3 {{ font-size: 1rem; margin: 1.5rem 0 0.4rem; }}
p, ul, ol {{ margin: 0.6rem 0; }}
a {{ color: var(--link); }}
.lead {{ color: var(--faint); margin-top: 0; }}
.note {{ font-size: 0.9rem; color: var(--faint); }}
nav ol {{ columns: 2 15rem; padding-left: 1.6rem; font-size: 0.95rem; }}
ul.advice {{ list-style: none; padding: 0; }}
ul.advice li {{
  margin: 0.5rem 0; padding: 0.55rem 0.8rem; background: var(--panel); border-left: 4px solid var(--link);
  border-radius: 0 4px 4px 0;
}}
ul.advice a {{ white-space: nowrap; font-size: 0.9rem; }}
dl {{
  display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.7rem; margin: 1rem 0;
}}
dl div {{ background: var(--panel); border-radius: 4px; padding: 0.5rem 0.7rem; }}
dt {{ font-size: 0.82rem; color: var(--faint); line-height: 1.3; }}
dd {{ margin: 0.1rem 0 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }}
.scroll {{ overflow-x: auto; margin: 0.8rem 0; }}
table {{ border-collapse: collapse; font-size: 0.92rem; min-width: 60%; }}
caption {{ text-align: left; font-weight: 600; padding-bottom: 0.3rem; }}
th, td {{ padding: 0.25rem 0.8rem 0.25rem 0; text-align: left; vertical-align: baseline; }}
thead th {{ border-bottom: 1px solid var(--faint); font-weight: 600; vertical-align: bottom; }}
tbody tr + tr td {{ border-top: 1px solid var(--rule); }}
.number {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }}
thead .number {{ white-space: normal; }}
small {{ color: var(--faint); font-size: 0.82em; }}
figure {{ margin: 1rem 0; }}
figcaption {{ font-size: 0.9rem; color: var(--faint); }}
.pair {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 0 1.2rem; }}
svg {{ display: block; width: 100%; height: auto; }}
svg * {{ stroke-linejoin: round; stroke-linecap: butt; }}
svg text {{ font-family: inherit !important; }}
.key {{ margin-right: 0.9rem; color: var(--ink); white-space: nowrap; }}
.sample {{
  display: inline-block; width: 0.8rem; height: 0.8rem; border-radius: 2px; margin-right: 0.35rem;
  vertical-align: -0.08rem;
}}
.source {{ background: var(--source); }}
.target {{ background: var(--target); }}
.before {{ background: var(--before); }}
.after {{ background: var(--after); }}
code {{ font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 0.88em; word-break: break-all; }}
@media (max-width: 30rem) {{ th, td {{ padding-right: 0.55rem; }} }}
@media print {{
  body {{ max-width: none; padding: 0; font-size: 10pt; }}
  nav {{ display: none; }}
  h2, h3, caption {{ break-after: avoid; }}
  figure, tr, li, dl div {{ break-inside: avoid; }}
  .sample, ul.advice li, dl div {{ print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
}}
"""
