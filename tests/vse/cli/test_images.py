"""Images on the command line: features of photos, encoded images, searches, evaluations."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from runs import TWO, Vse
from toy_images import word
from translator_cli.vse.main import main

from vse import VSE, Captions, Split, everything, load_split, write_split
from vse.metrics import Metrics

COMMANDS = sorted(main.commands)
ASKED = f"{word('en', 1)} {word('en', 5)}"


def searched(vse: Vse, run: Path, images: Path, *more: object) -> list[dict[str, Any]]:
    """Images found by images alone; ``--by`` in ``more`` overrides that."""
    return answered(vse, run, "--images", images, "--split", "test", "--by", "images", *more)["images"]  # type: ignore[no-any-return]


def answered(vse: Vse, run: Path, *more: object) -> dict[str, Any]:
    done = vse("search", run, ASKED, "--json", *more)
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)["searches"][0]
    return answer


@pytest.mark.parametrize("arguments", [[], *([name] for name in COMMANDS)], ids=["vse", *COMMANDS])
def test_help_loads_nothing_but_click(arguments: list[str], tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from translator_cli.vse.main import main\n"
        f"main({[*arguments, '-h']}, standalone_mode=False)\n"
        "heavy = {'numpy', 'scipy', 'torch', 'safetensors', 'translator', 'vse'} & set(sys.modules)\n"
        "sys.stderr.write(' '.join(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Example" in done.stdout
    assert not arguments or all(option in done.stdout for option in ("--json", "--quiet", "--verbose"))


def test_version_and_nonsense(vse: Vse) -> None:
    assert vse("--version").stdout.startswith("vse, version ")
    assert vse("nonsense").exit_code == 2


def test_a_search_is_that_of_the_library(run_en: Path, data: Path, vse: Vse) -> None:
    test = load_split(data, "test")
    hits = VSE.from_pretrained(run_en).search([ASKED], test.features, 3)[0]
    found = searched(vse, run_en, data, "-k", 3)
    assert [one["id"] for one in found] == [test.ids[hit.row] for hit in hits]
    assert [one["score"] for one in found] == [hit.score for hit in hits]
    assert set(ASKED.split()) <= set(found[0]["caption"].split())
    shown = vse("search", run_en, ASKED, ASKED, "--split", "test", "--by", "images", "-k", 2).stdout
    assert shown.count(ASKED + "\n") == 2
    assert f"1  {found[0]['score']:.3f}  {found[0]['id']}  {found[0]['caption']}\n" in shown
    assert len(searched(vse, run_en, data, "-k", 500)) == 20, "all there are"
    assert searched(vse, run_en, data, "--split", "dev") != found


def test_all_images_of_the_run_are_searched(run_en: Path, data: Path, vse: Vse, tmp_path: Path) -> None:
    whole = everything(data)
    hits = VSE.from_pretrained(run_en).search([ASKED], whole.features, 200)[0]
    for images in ((), ("--images", data)):
        found = answered(vse, run_en, "-k", 200, "--by", "images", *images)["images"]
        assert [one["id"] for one in found] == [whole.ids[hit.row] for hit in hits] and len(found) == 160
    done = vse("search", run_en, ASKED, "-k", 200, "--split", "dev", "--json")
    assert len(json.loads(done.stdout)["searches"][0]["images"]) == 20
    assert vse("encode", run_en, "-o", tmp_path / "x.npy", "--json").exit_code == 2
    done = vse("encode", run_en, "--images", data, "-o", tmp_path / "x.npy", "--json")
    assert json.loads(done.stdout)["shape"] == [160, 32]


def test_a_run_that_does_not_record_its_data(run_en: Path, vse: Vse, tmp_path: Path) -> None:
    model = VSE.from_pretrained(run_en)
    model.record = {}
    model.save_pretrained(tmp_path / "run")
    done = vse("search", tmp_path / "run", ASKED)
    assert done.exit_code == 1 and "Name them with --images PATH" in done.stderr


def test_encoded_images_are_found_as_those_of_the_folder(
    run_en: Path, data: Path, vse: Vse, tmp_path: Path
) -> None:
    index = tmp_path / "images.npy"
    done = vse("encode", run_en, "--images", data, "--split", "test", "-o", index, "--json")
    assert json.loads(done.stdout) == {"output": str(index), "shape": [20, 32]}
    for by in ("captions", "both"):
        assert searched(vse, run_en, data, "--by", by) == searched(vse, run_en, index, "--by", by)
    folder, encoded = searched(vse, run_en, data), searched(vse, run_en, index)
    assert [{**one, "caption": ""} for one in folder] == [{**one, "caption": ""} for one in encoded]
    assert list(json.loads(index.with_suffix(".json").read_text("utf-8"))["levels"]) == ["en"]
    assert vse("encode", run_en, "--images", data, "-o", index, "--no-captions").exit_code == 0
    assert answered(vse, run_en, "--images", index)["images"][0]["caption"] is None
    done = vse("search", run_en, ASKED, "--images", index, "--by", "both")
    assert done.exit_code == 1 and "Use --by images" in done.stderr


def test_features_in_a_file(run_en: Path, data: Path, vse: Vse, tmp_path: Path) -> None:
    file, test = tmp_path / "x_ims.npy", load_split(data, "test")
    np.save(file, test.features)
    folder = searched(vse, run_en, data)
    rows = searched(vse, run_en, file)
    assert [test.ids[int(one["id"])] for one in rows] == [one["id"] for one in folder]
    (tmp_path / "x_ids.txt").write_text("".join(f"{name}\r\n" for name in test.ids), "utf-8")
    assert [one["id"] for one in searched(vse, run_en, file)] == [one["id"] for one in folder]
    (tmp_path / "x_ids.txt").write_text("one\n", "utf-8")
    done = vse("search", run_en, ASKED, "--images", file)
    assert done.exit_code == 1 and "x_ids.txt: 1 ids, but there are 20 images" in done.stderr
    (tmp_path / "x_ids.txt").unlink()
    (tmp_path / "x.json").write_text('["something of the user"]')
    assert [one["score"] for one in searched(vse, run_en, file)] == [one["score"] for one in rows]


def test_an_answer_says_what_is_known_and_whether_anything_fits(run_en: Path, vse: Vse) -> None:
    known = word("en", 1)
    done = vse("search", run_en, f"{known} xyzzy", "xyzzy", " ", "--json")
    first, second, third = json.loads(done.stdout)["searches"]
    assert first["words"] == {"whole": [known], "subwords": [], "unknown": ["xyzzy"], "through": "map"}
    assert first["verdict"].startswith("1 of 2 words are in the vocabulary; unknown: xyzzy")
    for answer in (second, third):
        assert not answer["fits"] and answer["verdict"].startswith("no word is known")
        assert "nothing here fits" in answer["verdict"]
    shown = vse("search", run_en, "xyzzy", ASKED).stdout
    assert shown.startswith("xyzzy\n(no word is known: the images found are arbitrary)\n(nothing here fits")
    assert f"{ASKED}\n1  " in shown, "nothing to say of what is known and fits"


def test_queries_of_several_texts_and_an_image(run_en: Path, data: Path, vse: Vse) -> None:
    model, whole = VSE.from_pretrained(run_en), everything(data)
    index = model.index(whole)
    one, two, three = (model.encode_text(word("en", n)) for n in (1, 2, 3))
    liked = index.embeddings[7]
    asked = ("search", run_en, "--json", "-k", 4)
    cases: list[tuple[tuple[object, ...], Any]] = [
        ((word("en", 1), "--plus", word("en", 2), "--minus", word("en", 3)), one + two - three),
        (("--like", whole.ids[7]), liked),
        ((word("en", 1), "--like", whole.ids[7]), one + liked),
        (("--plus", word("en", 1)), one),
    ]
    for arguments, query in cases:
        found = json.loads(vse(*asked, *arguments).stdout)["searches"][0]["images"]
        hits = index.search((query / np.linalg.norm(query))[None], 5)[0]
        expected = [hit for hit in hits if "--like" not in arguments or hit.row != 7][:4]
        assert [image["id"] for image in found] == [hit.id for hit in expected], arguments
    assert vse(*asked).exit_code == 2
    done = vse(*asked, "--like", "nobody")
    assert done.exit_code == 1 and "no image has the id 'nobody'" in done.stderr
    scores = [image["score"] for image in answered(vse, run_en, "-k", 20)["images"]]
    assert len(answered(vse, run_en, "-k", 20, "--threshold", scores[3])["images"]) == 4
    assert "no image" in vse("search", run_en, ASKED, "--threshold", 100).stdout


def test_a_page_of_images(run_en: Path, data: Path, vse: Vse, tmp_path: Path) -> None:
    split = load_split(data, "test")
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a & b.jpg").write_bytes(b"an image")
    captions = {"en": Captions([f"<b>{ASKED}"], np.array([0]))}
    write_split(Split("test", ["images/a & b", "no file"], split.features[:2], captions), tmp_path)
    done = vse("search", run_en, ASKED, "<i>", "--images", tmp_path, "--html", tmp_path / "found.html")
    assert done.exit_code == 0 and "Written to" in done.stderr
    page = (tmp_path / "found.html").read_text("utf-8")
    assert (
        page.count("<img ") == 2
        and (tmp_path / "images" / "a & b.jpg").as_uri().replace("&", "&amp;") in page
    )
    assert f"&lt;b&gt;{ASKED}" in page and "<h2>&lt;i&gt;</h2>" in page and "<b>" not in page
    assert page.count("<figure>") == 4 and "no file" in page and "nothing here fits" in page
    done = vse("search", run_en, ASKED, "--html", tmp_path / "nowhere" / "found.html")
    assert done.exit_code == 1 and "no such directory" in done.stderr


def test_images_without_captions_are_searched_too(run_en: Path, data: Path, vse: Vse, tmp_path: Path) -> None:
    np.save(tmp_path / "test_ims.npy", load_split(data, "test").features)
    assert [one["caption"] for one in searched(vse, run_en, tmp_path)] == [None] * 5


def test_a_caption_of_another_language_is_better_than_none(
    run_en: Path, data: Path, vse: Vse, tmp_path: Path
) -> None:
    test = load_split(data, "test")
    np.save(tmp_path / "test_ims.npy", test.features)
    (tmp_path / "test_caps.de.txt").write_text("\n".join(test.captions["de"].texts[::2]) + "\n", "utf-8")
    first = searched(vse, run_en, tmp_path)[0]
    assert first["caption"] == test.captions["de"].texts[2 * int(first["id"])]


def save(path: Path, content: Any) -> Path:
    np.save(path, content)
    return path


def test_what_is_no_image_is_refused(run_en: Path, data: Path, words: Path, vse: Vse, tmp_path: Path) -> None:
    asked = ("train", data, "--lang", "en", "--embeddings", f"en={words / 'en.npz'}", "--seed", 1)
    assert vse(*asked, "-o", tmp_path / "other", *TWO).exit_code == 0
    assert vse("encode", tmp_path / "other", "--images", data, "-o", tmp_path / "other.npy").exit_code == 0
    features = np.array(load_split(data, "test").features)
    (tmp_path / "bad.npy").write_bytes(b"\x93NUMPY and no more")
    (tmp_path / "broken.npy").write_bytes((tmp_path / "other.npy").read_bytes()[:500])
    (tmp_path / "broken.json").write_text((tmp_path / "other.json").read_text("utf-8"), "utf-8")
    np.savez(tmp_path / "many.npz", features)
    objects = np.array([{}, []], object)
    (tmp_path / "empty").mkdir()
    cases = {
        tmp_path / "other.npy": "was encoded by another model",
        tmp_path / "nothing.npy": "no such file",
        tmp_path / "bad.npy": "cannot be read as .npy",
        tmp_path / "broken.npy": "another model",
        tmp_path / "many.npz": "an .npz archive",
        save(tmp_path / "narrow.npy", features[:, :5]): "expected [n, 12]",
        save(tmp_path / "nan.npy", np.where(features > 0.9, np.nan, features)): "not finite",
        save(tmp_path / "objects.npy", objects): "cannot be read as .npy",
        save(tmp_path / "flat.npy", features[0]): "must be a matrix",
        tmp_path / "empty": "has no images",
    }
    for place, message in cases.items():
        for arguments in (("search", run_en, ASKED), ("encode", run_en, "-o", tmp_path / "new.npy")):
            done = vse(*arguments, "--images", place)
            assert done.exit_code == 1 and message in done.stderr, (place, done.output)
            assert not (tmp_path / "new.npy").exists()


def test_what_encode_refuses(run_en: Path, data: Path, vse: Vse, tmp_path: Path) -> None:
    texts, out = tmp_path / "texts.npy", ("-o", tmp_path / "new.npy")
    texts.write_text("a text with a strange name\n")
    cases: list[tuple[int, str, tuple[object, ...]]] = [
        (2, "either --text or --images", ("--text", texts, "--images", data, *out)),
        (2, "ends in .npy", ("--text", texts, "-o", tmp_path / "x.txt")),
        (1, "would overwrite a file", ("--text", texts, "-o", texts)),
        (1, "would overwrite a file", ("--images", data, "-o", data / "test" / "features.npy")),
        (1, "no such directory", ("--text", texts, "-o", tmp_path / "nowhere" / "x.npy")),
        (1, "does not know the language 'de'", ("--text", texts, "--lang", "de", *out)),
        (1, "-: is empty", ("--text", "-", *out)),
        (1, "device 'abacus' cannot be used", ("--text", texts, "--device", "abacus", *out)),
    ]
    for status, message, arguments in cases:
        done = vse("encode", run_en, *arguments, input="")
        assert done.exit_code == status and message in done.stderr, (arguments, done.output)
    assert {path.name for path in tmp_path.iterdir()} == {"texts.npy"}


def test_a_line_is_what_ends_in_a_line_feed(run_en: Path, vse: Vse, tmp_path: Path) -> None:
    text = "enxab\u2028enxac\x0cenxad\r\nenxae"
    assert vse("encode", run_en, "--text", "-", "-o", tmp_path / "x.npy", input=text).exit_code == 0
    model = VSE.from_pretrained(run_en)
    np.testing.assert_array_equal(
        np.load(tmp_path / "x.npy"), model.encode_text(["enxab enxac enxad", "enxae"])
    )


def test_evaluations_as_json(run_en: Path, data: Path, words: Path, vse: Vse, tmp_path: Path) -> None:
    done = vse("evaluate", run_en, data, "--folds", 4, "--split", "dev", "--json")
    value = json.loads(done.stdout)
    assert (value["run"], value["split"], value["folds"]) == (str(run_en), "dev", 4)
    found = dict(value["languages"]["en"])
    chance = Metrics.from_json(found.pop("chance"))
    assert json.loads(vse("evaluate", run_en, "--folds", 4, "--split", "dev", "--json").stdout) == value
    assert list(value["languages"]) == ["en"] and chance.t2i.candidates == 5
    assert chance.t2i.r1 == pytest.approx(20)
    assert Metrics.from_json(found).to_json() == found
    np.save(tmp_path / "test_ims.npy", load_split(data, "test").features)
    (tmp_path / "test_caps.fr.txt").write_text("un\n" * 20)
    done = vse("evaluate", run_en, tmp_path)
    assert done.exit_code == 1 and "captions in fr; the model knows en" in done.stderr
    assert "cannot be cut into 3" in vse("evaluate", run_en, data, "--folds", 3).stderr


def test_photos_become_a_split(vse: Vse, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="photos are read by Pillow")
    pytest.importorskip("onnxruntime", reason="the encoder is run by onnxruntime")
    from toy_encoder import model

    encoder, photos = model(tmp_path / "colours.onnx"), tmp_path / "photos"
    photos.mkdir()
    for number in range(3):
        image.new("RGB", (8, 8), (80 * number, 0, 0)).save(photos / f"p{number}.png")
    (photos / "damaged.jpg").write_bytes(b"damaged")
    asked = (
        "features",
        photos,
        "-o",
        tmp_path / "train_ims.npy",
        "--encoder",
        f"onnx:{encoder}",
        "--size",
        8,
    )
    done = vse(*asked, "--json")
    assert json.loads(done.stdout) == {
        "output": str(tmp_path / "train_ims.npy"),
        "ids": str(tmp_path / "train_ids.txt"),
        "images": 3,
        "width": 3,
        "damaged": [str(photos / "damaged.jpg")],
    }
    assert done.stderr.count("left out: ") == 1
    split = load_split(tmp_path, "train", [])
    assert list(split.ids) == ["p0", "p1", "p2"] and (np.diff(split.features[:, 0]) > 0).all()
    assert vse("features", photos, "-o", tmp_path / "x.txt").exit_code == 2
    assert vse("features", tmp_path / "nothing", "-o", tmp_path / "x.npy", "--encoder", "x:y").exit_code == 1


def test_nothing_else_passes_for_encoded_images(run_en: Path, data: Path, vse: Vse, tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text(f"{ASKED}\n")
    index = tmp_path / "p.npy"
    images = ("encode", run_en, "--images", data, "--split", "test", "-o", index)
    assert vse(*images).exit_code == 0
    before = index.read_bytes()
    done = vse("encode", run_en, "--text", tmp_path / "texts.txt", "-o", index)
    assert done.exit_code == 1 and "holds encoded images" in done.stderr
    assert index.read_bytes() == before and vse(*images).exit_code == 0
    np.save(index, np.load(index)[:3])
    done = vse("search", run_en, ASKED, "--images", index)
    assert done.exit_code == 1 and "3 rows, " in done.stderr and "has 20 ids" in done.stderr
