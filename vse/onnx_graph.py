"""Export of a model to ONNX: the image branch, and a language's text branch from raw word vectors."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np

from translator.export.onnx_graph import Graph
from translator.vectors import Floats
from vse.export import text_state, translator_of
from vse.model import VSE
from vse.model.text import Pooling

State = Mapping[str, Floats]


def write_image_onnx(model: VSE, path: str | os.PathLike[str]) -> None:
    """Write the image branch: input ``features``, float32 [n, f]; output ``embeddings``, unit rows [n, e].

    :raises MissingDependencyError: the extra ``onnx`` is not installed.
    """
    image, shape = model.image, model.architecture
    weight, bias = image.linear.weight.detach() * image.scale, image.linear.bias.detach()
    graph = Graph("image branch")
    features = graph.input("features", ["n", shape.features])
    # The mean is not folded into the bias: that costs digits of features that vary little
    centred = graph.node("Sub", features, graph.tensor(image.mean.cpu().numpy(), "mean"))
    linear = {"joint.weight": weight.cpu().numpy(), "joint.bias": bias.cpu().numpy()}
    graph.output(_joint(graph, centred, linear), ["n", shape.joint])
    graph.write(path)


def write_text_onnx(model: VSE, language: str, path: str | os.PathLike[str]) -> None:
    """Write a text branch: inputs ``vectors`` and ``lengths``, output ``embeddings``, unit rows [n, e].

    ``vectors`` are raw word vectors, float32 [n, t, d], with a zero row for a word without one; ``lengths``,
    int64 [n], are the numbers of words, from 1 to t: what follows the end of a text is ignored. A text
    without any word is one word without a vector.

    :raises MissingDependencyError: the extra ``onnx`` is not installed.
    :raises DataError: the model does not know the language.
    """
    layer, shape = translator_of(model, language), model.architecture
    state = {name: tensor.numpy() for name, tensor in text_state(model, language).items()}
    graph = Graph("text branch")
    vectors = graph.input("vectors", ["n", "t", layer.in_features])
    lengths = graph.input("lengths", ["n"], np.int64)
    words = _carried(graph, vectors, state)
    pooled = _pooled(graph, words, lengths, state, shape.pooling)
    graph.output(_joint(graph, pooled, state), ["n", shape.joint])
    graph.write(path)


def _carried(graph: Graph, vectors: str, state: State) -> str:
    """Add the Translator: unit rows of the pivot's centred space, [n, t, w]; zero rows stay zero."""
    known = graph.node("Sign", graph.node("ReduceL1", vectors, axes=[-1], keepdims=1))
    weight = graph.tensor(state["translator.weight"].T, "translator.weight")
    bias = graph.tensor(state["translator.bias"], "translator.bias")
    mapped = graph.node("Add", graph.node("MatMul", vectors, weight), bias)
    return graph.node("Mul", graph.unit_rows(mapped), known)


def _pooled(graph: Graph, words: str, lengths: str, state: State, pooling: Pooling) -> str:
    """Add the GRU and its pooling: one vector for each text, [n, directions * h]."""
    steps = graph.node("Transpose", words, perm=[1, 0, 2])
    if pooling == "last":
        pooled = _gru(graph, steps, lengths, state, place=1)
    else:
        filler = graph.tensor(np.float32(-np.inf if pooling == "max" else 0))
        states = _gru(graph, steps, lengths, state, place=0)
        states = graph.node("Where", _inside(graph, steps, lengths), states, filler)
        pooled = _max(graph, states) if pooling == "max" else _mean(graph, states, lengths)
    return graph.node("Flatten", graph.node("Transpose", pooled, perm=[1, 0, 2]), axis=1)


def _gru(graph: Graph, steps: str, lengths: str, state: State, *, place: int) -> str:
    """Add the GRU; its output ``place`` is returned.

    Output 0 holds all states, [t, directions, n, h]; output 1 those after the last word read,
    [directions, n, h], which is a text's first word in the backward direction.
    """
    ends = ["", "_reverse"] if "gru.weight_ih_l0_reverse" in state else [""]
    w_ih, w_hh, b_ih, b_hh = (
        np.stack([_gates(state[f"gru.{name}_l0{end}"]) for end in ends])
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    return graph.node(
        "GRU",
        steps,
        graph.tensor(w_ih, "gru.weight_ih"),
        graph.tensor(w_hh, "gru.weight_hh"),
        graph.tensor(np.concatenate([b_ih, b_hh], axis=1), "gru.bias"),
        graph.cast(lengths, np.int32),
        place=place,
        hidden_size=w_hh.shape[2],
        direction="bidirectional" if len(ends) == 2 else "forward",
        linear_before_reset=1,  # the reset gate acts after the recurrent product, as in torch
    )


def _gates(parameter: Floats) -> Floats:
    """Reorder gates from torch (r, z, n) to ONNX (z, r, h)."""
    reset, update, new = np.split(parameter, 3)
    return np.concatenate([update, reset, new])


def _inside(graph: Graph, steps: str, lengths: str) -> str:
    """Add the mask of steps at which a text has a word, [t, 1, n, 1]."""
    count = graph.node("Squeeze", graph.node("Shape", steps, end=1))
    step = graph.node("Range", graph.tensor(0), count, graph.tensor(1))
    there = graph.node("Less", graph.node("Unsqueeze", step, graph.tensor([1])), lengths)
    return graph.node("Unsqueeze", there, graph.tensor([1, 3]))


def _max(graph: Graph, states: str) -> str:
    return graph.node("ReduceMax", states, axes=[0], keepdims=0)


def _mean(graph: Graph, states: str, lengths: str) -> str:
    total = graph.node("ReduceSum", states, graph.tensor([0]), keepdims=0)
    count = graph.node("Unsqueeze", graph.cast(lengths, np.float32), graph.tensor([1]))
    return graph.node("Div", total, count)


def _joint(graph: Graph, rows: str, state: State) -> str:
    """Add the linear layer into the joint space: unit rows [n, e]."""
    linear = (graph.tensor(state[name], name) for name in ("joint.weight", "joint.bias"))
    return graph.unit_rows(graph.node("Gemm", rows, *linear, transB=1), name="embeddings")
