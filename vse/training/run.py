"""A training run: epochs of batches, each followed by an evaluation on the dev split."""

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
from vse.training.checkpoint import START_AGAIN, Checkpoint, Progress, Tensors
from vse.training.distributed import World
from vse.training.loss import hardness, triplet_loss
from vse.training.manifest import describe_run
from vse.training.options import TrainingOptions
from vse.training.randomness import drawing
from vse.training.recipes import Recipe
from vse.training.sampling import Batch, allotted, batches_of_a_pass, epoch_batches, shares
from vse.words import Words, look_up

FACTORS = {
    "float32": None,
    "bfloat16": torch.bfloat16,
}  # type that factors of the GRU's products are rounded to
MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # state that Adam keeps for each parameter

logger = logging.getLogger(__name__)


class Run:
    """Train a model and hold its optimiser and progress.

    :param model: the model to train, see :func:`vse.training.recipes.build`.
    :raises DataError: no caption of a language has a known word, or all are of one image; nothing is left
        to learn; features do not fit; the device is not there; or a batch cannot be divided over the
        processes.
    """

    def __init__(
        self, model: VSE, train: Split, dev: Split, recipe: Recipe, options: TrainingOptions
    ) -> None:
        for split in (train, dev):
            _check_features(split, model)
        if options.precision == "bfloat16" and not multiplies_bfloat16():
            logger.warning("this processor has no native bfloat16: training will be slower than in float32")
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
        """Train the remaining epochs; evaluate each, add it to the history and yield its entry.

        A run that starts from a model evaluates it first, as epoch 0: training on a few captions can lose
        more than it gains, and the best epoch is kept.
        """
        progress, options = self.progress, self.options
        if self.recipe.start is not None and not progress.history:
            yield self._added({"loss": None, "gradient": None, "shares": {}})
        while not self._done():
            if self.frozen and progress.epoch >= options.freeze_epochs:
                self._enter_stage(frozen=False)
            share = self._shares()
            loss, norm = self.train_epoch(share)
            progress.epoch += 1
            yield self._added({"loss": loss, "gradient": norm, "shares": share})

    def checkpoint(self) -> Checkpoint:
        """Return the state of the run between two epochs."""
        moments = {
            f"{moment}/{name}": self.optimiser.state[parameter][moment]
            for name, parameter in self.parameters.items()
            for moment in MOMENTS
            if parameter in self.optimiser.state
        }
        return Checkpoint(self.description, self.progress, self.model.state_dict(), self.best, moments)

    def restore(self, saved: Checkpoint) -> None:
        """Continue from a checkpoint.

        :raises FormatError: its weights do not fit the model.
        """
        wanted = _shapes(self.model.state_dict())
        if any(_shapes(weights) != wanted for weights in (saved.weights, saved.best or saved.weights)):
            raise FormatError("the weights in the checkpoint do not fit the model", START_AGAIN)
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
        words = look_up(self.train.captions[code].texts, source.reader, lowercase=source.lowercase)
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
                    f"all {code} captions are of one image: there is no other to tell it from",
                    "Train on more images.",
                )
        smallest = min(self.options.batch, *self.counts.values())
        if smallest < self.world.size:
            raise DataError(
                f"a batch of {smallest} captions cannot be divided over {self.world.size} processes",
                "Start fewer processes, or raise `batch`.",
            )

    def _enter_stage(self, *, frozen: bool) -> None:
        """Make the Translators of the trained languages learn, and all else unless it is frozen."""
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
                "there is nothing to train while all but the Translators is frozen: there is no Translator",
                "Leave `freeze_epochs` out, or train a language other than the pivot.",
            )
        options, parameters = self.options, list(self.parameters.values())
        self.optimiser = torch.optim.AdamW(
            parameters, lr=options.lr, weight_decay=options.weight_decay, fused=True
        )

    def _done(self) -> bool:
        progress, options = self.progress, self.options
        waited = progress.epoch - max(progress.best_epoch, options.freeze_epochs)
        return progress.epoch >= options.epochs or 0 < options.patience <= waited

    def _shares(self) -> dict[str, float]:
        """Return each language's share of the next epoch: none while no layer learns from its captions."""
        options, layers = self.options, self.model.text.translators
        counts = {code: n for code, n in self.counts.items() if code in layers or not self.frozen}
        share = shares(options.sampling, counts, self.progress.recalls, options.tau, options.floor)
        return dict.fromkeys(self.counts, 0.0) | share

    def train_epoch(self, share: Mapping[str, float]) -> tuple[float, float]:
        """Train one epoch; return the mean loss and the mean norm of the gradients."""
        options, progress = self.options, self.progress
        lengths = {code: words.lengths for code, words in self.words.items()}
        allotment = allotted(share, self.steps)
        batches = epoch_batches(
            lengths, allotment, progress.consumed, options.batch, options.random_state, progress.epoch
        )
        self.model.train()
        results = []
        with drawing(options.random_state * 1_000_003 + progress.epoch):  # the same dropout if resumed
            for batch in track(batches, f"epoch {progress.epoch + 1}/{options.epochs}, step"):
                results.append(self._step(batch))
                progress.consumed[batch.language] += len(batch.captions)
        loss, norm = np.mean(results, axis=0)
        if not np.isfinite([loss, norm]).all():
            raise DataError("the loss is no longer finite: training has diverged", "Lower `lr`.")
        return float(loss), float(norm)

    def _step(self, batch: Batch) -> tuple[float, float]:
        options, progress = self.options, self.progress
        total = options.epochs * self.steps
        for group in self.optimiser.param_groups:
            group["lr"] = options.rate(progress.step, total)
        self.optimiser.zero_grad()
        hardest = hardness(progress.step, int(options.ramp * total)) if options.loss == "max" else 0.0
        loss = self._loss(batch, hardest)
        loss.backward()  # type: ignore[no-untyped-call]
        learning = list(self.parameters.values())
        self.world.sum_gradients(learning)
        norm = torch.nn.utils.clip_grad_norm_(learning, options.clip or float("inf"))
        self.optimiser.step()
        progress.step += 1
        return loss.item(), norm.item()

    def _loss(self, batch: Batch, hardest: float) -> torch.Tensor:
        """Return the loss of the global batch; every process sees the embeddings of all."""
        image_rows = self.train.captions[batch.language].images[batch.captions]
        total = len(batch.captions)
        part = self.world.part(total)
        masks = self._masks(batch, part)
        rows = np.asarray(self.train.features[image_rows[part]], np.float32)
        images = self.model.image(torch.from_numpy(rows).to(self.options.device), masks)
        words = self.words[batch.language].batch(batch.captions[part])
        texts = self.model.text(words, batch.language, masks, FACTORS[self.options.precision])
        scores = self.world.gathered(texts, part, total) @ self.world.gathered(images, part, total).T
        same = torch.from_numpy(image_rows).to(self.options.device)
        return triplet_loss(scores, same, self.options.margin, hardest)

    def _masks(self, batch: Batch, part: slice) -> Masks | None:
        options, total = self.options, len(batch.captions)
        if options.dropout == options.word_dropout == 0:
            return None
        longest = int(self.words[batch.language].lengths[batch.captions].max())
        states = self.model.text.joint.in_features
        shapes = (total, longest), (total, states), (total, self.model.architecture.features)
        return draw_masks(shapes, options.dropout, options.word_dropout, part)

    def _added(self, trained: Mapping[str, Any]) -> dict[str, Any]:
        """Evaluate the model after an epoch, and add an entry to the history."""
        entry = {"epoch": self.progress.epoch, **trained, **self._judge()}
        self.progress.history.append(entry)
        return entry

    def _judge(self) -> dict[str, Any]:
        """Evaluate on the dev split, update the recalls of the languages, and keep the best weights."""
        progress = self.progress
        metrics = evaluate(self.model, self.dev)
        paced = metrics if self.pacing is self.dev else evaluate(self.model, self.pacing)
        progress.recalls = {code: found.mean_recall10 for code, found in paced.items()}
        rsum = float(np.mean([metrics[code].rsum for code in self.recipe.languages]))
        if rsum > progress.best_rsum:
            progress.best_rsum, progress.best_epoch = rsum, progress.epoch
            self.best = {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}
        dev = {code: found.to_json() for code, found in metrics.items()}
        return {"rsum": rsum, "best": progress.best_epoch, "recalls": progress.recalls, "dev": dev}


def _check_features(split: Split, model: VSE) -> None:
    if (width := split.features.shape[1]) != model.architecture.features:
        raise DataError(
            f"split {split.name!r}: image features of width {width}, the model takes "
            f"{model.architecture.features}",
            "Make the features of all splits, and of the model to start from, with one encoder.",
        )


def _shapes(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in weights.items()}
