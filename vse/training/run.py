"""A run of training: epochs of batches, each followed by a look at the dev split."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from translator.devices import multiplies_bfloat16, usable
from translator.errors import DataError, FormatError
from translator.progress import track
from vse.dataset import Split
from vse.evaluation import common_gallery, evaluate
from vse.model import VSE
from vse.model.dropout import Masks, draw_masks
from vse.training.checkpoint import Checkpoint, Progress, Tensors
from vse.training.distributed import World
from vse.training.loss import hardness, triplet_loss
from vse.training.manifest import describe_run
from vse.training.options import Options
from vse.training.randomness import drawing
from vse.training.recipes import Recipe
from vse.training.sampling import Batch, allotted, batches_of_a_pass, epoch_batches, shares
from vse.words import Words, look_up

FACTORS = {"float32": None, "bfloat16": torch.bfloat16}  # what those of the GRU's products are rounded to
MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # what Adam keeps of each parameter

logger = logging.getLogger(__name__)


class Run:
    """The model, its optimiser, and where they stand.

    :param model: what to start from.
    :raises DataError: no caption of a language has a known word, or all are of one picture; nothing is left
        to learn; features do not fit; the device is not there; or a batch cannot be divided over the
        processes.
    """

    def __init__(self, model: VSE, train: Split, dev: Split, recipe: Recipe, options: Options) -> None:
        for split in (train, dev):
            _check_features(split, model)
        if options.precision == "bfloat16" and not multiplies_bfloat16():
            logger.warning("this processor is not made for bfloat16: training will be slower than in float32")
        self.world = World.joined()
        self.model, self.recipe, self.options = model.to(usable(options.device)), recipe, options
        self.train, self.dev, self.pacing = train, dev, common_gallery(dev)
        self.words = {code: self._look_up(code) for code in train.captions}
        self.counts = {code: len(words) for code, words in self.words.items()}
        self._check_batches()
        self.steps = options.steps or batches_of_a_pass(self.counts, options.batch)
        self.description = describe_run(recipe, options, train, dev, model)
        self.progress = Progress(consumed=dict.fromkeys(self.counts, 0))
        self.best: Tensors = {}
        self._enter_stage(frozen=options.freeze_epochs > 0)

    def epochs(self) -> Iterator[dict[str, Any]]:
        """Train epoch after epoch; each is evaluated and entered in the history, then yielded."""
        at, how = self.progress, self.options
        while not self._done():
            if self.frozen and at.epoch >= how.freeze_epochs:
                self._enter_stage(frozen=False)
            share = self._shares()
            loss, norm = self.train_epoch(share)
            at.epoch += 1
            entry = {"epoch": at.epoch, "loss": loss, "gradient": norm, "shares": share, **self._judge()}
            at.history.append(entry)
            yield entry

    def checkpoint(self) -> Checkpoint:
        """The run as it stands between two epochs."""
        moments = {
            f"{moment}/{name}": self.optimiser.state[parameter][moment]
            for name, parameter in self.parameters.items()
            for moment in MOMENTS
            if parameter in self.optimiser.state
        }
        return Checkpoint(self.description, self.progress, self.model.state_dict(), self.best, moments)

    def restore(self, saved: Checkpoint) -> None:
        """Go on from a checkpoint.

        :raises FormatError: its weights are not those of such a model.
        """
        wanted = _shapes(self.model.state_dict())
        if any(_shapes(weights) != wanted for weights in (saved.weights, saved.best or saved.weights)):
            raise FormatError("the weights in the checkpoint are not those of the model", "Start anew.")
        self.model.load_state_dict(saved.weights)
        self.progress, self.best = saved.progress, saved.best
        frozen = self.options.freeze_epochs
        self._enter_stage(frozen=frozen > 0 and self.progress.epoch <= frozen)
        for name, parameter in self.parameters.items():
            state = {m: saved.optimiser[key] for m in MOMENTS if (key := f"{m}/{name}") in saved.optimiser}
            if state:
                self.optimiser.state[parameter] = {m: t.to(parameter.device) for m, t in state.items()}

    def _look_up(self, code: str) -> Words:
        source = self.model.embeddings(code)
        words = look_up(self.train.captions[code].texts, source.vectors, lowercase=source.lowercase)
        if words.unknown == 1:
            raise DataError(
                f"no word of the {code} captions has a vector",
                f"Do the word vectors given for {code} belong to that language?",
            )
        if words.unknown > 0:
            logger.warning(
                "%s: %.1f %% of the words in the captions have no vector", code, 100 * words.unknown
            )
        return words

    def _check_batches(self) -> None:
        for code, captions in self.train.captions.items():
            if captions.images[0] == captions.images[-1]:
                raise DataError(
                    f"all {code} captions are of one picture: there is no other to tell it from",
                    "Train on more pictures.",
                )
        smallest = min(self.options.batch, *self.counts.values())
        if smallest < self.world.size:
            raise DataError(
                f"a batch of {smallest} captions cannot be divided over {self.world.size} processes",
                "Start fewer processes, or choose a larger --batch.",
            )

    def _enter_stage(self, *, frozen: bool) -> None:
        """Let the Translators of the languages trained learn, and all else unless it is frozen."""
        text = self.model.text
        learning = [text.translators[code] for code in self.counts if code in text.translators]
        if not frozen:
            learning += [text.gru, text.joint, self.model.image]
        self.frozen = frozen
        self.model.requires_grad_(False)
        for part in learning:
            part.requires_grad_(True)
        self.parameters = {name: p for name, p in self.model.named_parameters() if p.requires_grad}
        if not self.parameters:
            raise DataError(
                "nothing learns while all but the Translators is frozen: there is no Translator",
                "Leave --freeze-epochs out, or train a language other than the pivot.",
            )
        how, parameters = self.options, list(self.parameters.values())
        self.optimiser = torch.optim.AdamW(parameters, lr=how.lr, weight_decay=how.weight_decay, fused=True)

    def _done(self) -> bool:
        at, how = self.progress, self.options
        waited = at.epoch - max(at.best_epoch, how.freeze_epochs)
        return at.epoch >= how.epochs or 0 < how.patience <= waited

    def _shares(self) -> dict[str, float]:
        """Each language's share of the next epoch; captions from which nothing can learn get none of it."""
        how, layers = self.options, self.model.text.translators
        counts = {code: n for code, n in self.counts.items() if code in layers or not self.frozen}
        share = shares(how.sampling, counts, self.progress.recalls, how.tau, how.floor)
        return dict.fromkeys(self.counts, 0.0) | share

    def train_epoch(self, share: Mapping[str, float]) -> tuple[float, float]:
        """Mean loss and mean norm of the gradients."""
        how, at = self.options, self.progress
        lengths = {code: words.lengths for code, words in self.words.items()}
        allotment = allotted(share, self.steps)
        batches = epoch_batches(lengths, allotment, at.consumed, how.batch, how.seed, at.epoch)
        self.model.train()
        results = []
        with drawing(how.seed * 1_000_003 + at.epoch):  # dropout: the same after a resumption
            for batch in track(batches, f"epoch {at.epoch + 1}/{how.epochs}, step"):
                results.append(self._step(batch))
                at.consumed[batch.language] += len(batch.captions)
        loss, norm = np.mean(results, axis=0)
        if not np.isfinite([loss, norm]).all():
            raise DataError("the loss is no longer finite: training has diverged", "Choose a smaller --lr.")
        return float(loss), float(norm)

    def _step(self, batch: Batch) -> tuple[float, float]:
        how, at = self.options, self.progress
        total = how.epochs * self.steps
        for group in self.optimiser.param_groups:
            group["lr"] = how.rate(at.step, total)
        self.optimiser.zero_grad()
        loss = self._loss(batch, hardness(at.step, int(how.ramp * total)) if how.loss == "max" else 0.0)
        loss.backward()  # type: ignore[no-untyped-call]
        learning = list(self.parameters.values())
        self.world.sum_gradients(learning)
        norm = torch.nn.utils.clip_grad_norm_(learning, how.clip or float("inf"))
        self.optimiser.step()
        at.step += 1
        return loss.item(), norm.item()

    def _loss(self, batch: Batch, hardest: float) -> torch.Tensor:
        """Loss of the global batch, whose embeddings every process sees."""
        pictures = self.train.captions[batch.language].images[batch.captions]
        total = len(batch.captions)
        part = self.world.part(total)
        masks = self._masks(batch, part)
        rows = np.asarray(self.train.features[pictures[part]], np.float32)
        images = self.model.image(torch.from_numpy(rows).to(self.options.device), masks)
        words = self.words[batch.language].batch(batch.captions[part])
        texts = self.model.text(words, batch.language, masks, FACTORS[self.options.precision])
        scores = self.world.gathered(texts, part, total) @ self.world.gathered(images, part, total).T
        same = torch.from_numpy(pictures).to(self.options.device)
        return triplet_loss(scores, same, self.options.margin, hardest)

    def _masks(self, batch: Batch, part: slice) -> Masks | None:
        how, total = self.options, len(batch.captions)
        if how.dropout == how.word_dropout == 0:
            return None
        longest = int(self.words[batch.language].lengths[batch.captions].max())
        states = self.model.text.joint.in_features
        shapes = (total, longest), (total, states), (total, self.model.architecture.features)
        return draw_masks(shapes, how.dropout, how.word_dropout, part)

    def _judge(self) -> dict[str, Any]:
        """Evaluate on the dev split, pace the languages, and remember the best weights."""
        at = self.progress
        metrics = evaluate(self.model, self.dev)
        paced = metrics if self.pacing is self.dev else evaluate(self.model, self.pacing)
        at.recalls = {code: found.mean_recall10 for code, found in paced.items()}
        rsum = float(np.mean([metrics[code].rsum for code in self.recipe.languages]))
        if rsum > at.best_rsum:
            at.best_rsum, at.best_epoch = rsum, at.epoch
            self.best = {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}
        dev = {code: found.to_json() for code, found in metrics.items()}
        return {"rsum": rsum, "best": at.best_epoch, "recalls": at.recalls, "dev": dev}


def _check_features(split: Split, model: VSE) -> None:
    if (width := split.features.shape[1]) != model.architecture.features:
        raise DataError(
            f"split {split.name!r}: image features of width {width}, the model takes "
            f"{model.architecture.features}",
            "Make the features of all splits, and of the model to start from, with one encoder.",
        )


def _shapes(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in weights.items()}
