# SPDX-License-Identifier: GPL-3.0-or-later
"""Learns what the averages of half a minute look like in each key (src/hear/key_ear.c), by logistic regression."""
import numpy as np
import scipy.optimize
import scipy.signal

from train import HEARD_CLASSICAL, HEARD_SONGS, load

MEMORY, INPUTS, PENALTY = 30.0, 134, 3e-4


def softmax(scores):
    exponentials = np.exp(scores - scores.max(1, keepdims=True))
    return exponentials / exponentials.sum(1, keepdims=True)


def averages(scores):
    """Fading means of the chords, basses and guesses at each step, and how much they rest on."""
    chords = softmax(scores[:, :121])
    sounds = (chords[:, 120:] < 0.5).astype(float)
    guesses = np.log(np.maximum(softmax(scores[:, 133:]), 1e-4))
    values = np.concatenate([chords[:, :120], softmax(scores[:, 121:133]), guesses], 1) * sounds
    keep = np.exp(-1 / (30 * MEMORY))
    weight = scipy.signal.lfilter([1], [1, -keep], sounds[:, 0])
    return scipy.signal.lfilter([1], [1, -keep], values, axis=0) / np.maximum(weight, 1e-9)[:, None], weight


def from_tonics(average):
    """The inputs of the twelve tonics."""
    chords = np.sqrt(average[:120]).reshape(12, 10)
    bass = np.sqrt(average[120:132])
    return np.array([np.concatenate([np.roll(chords, -tonic, 0).ravel(), np.roll(bass, -tonic),
                                     [average[132 + tonic], average[144 + tonic]]]) for tonic in range(12)])


def gather(work, network, weights):
    """What is seen every five seconds of all items whose key is known: inputs, keys and how much they count."""
    inputs, keys, shares = [], [], []
    for kind, share in ((HEARD_SONGS, 1.0), (HEARD_CLASSICAL, 0.5)):
        for rows, labels in load(work, kind):
            means, weight = averages(network.infer(weights, rows))
            for step in range(300, len(rows), 150):
                if weight[step] > 150 and labels[step, 3] >= 0:
                    inputs.append(from_tonics(means[step]))
                    keys.append(labels[step, 3])
                    shares.append(share)
    return np.array(inputs, np.float32), np.array(keys), np.array(shares) / np.sum(shares)


def fit(work, network, weights):
    """Weights [mode][input] and the two biases."""
    inputs, keys, shares = gather(work, network, weights)
    order = np.arange(len(keys))

    def cost(values):
        layer = values[:-1].reshape(2, INPUTS)
        likely = softmax(np.concatenate([inputs @ layer[0] + values[-1], inputs @ layer[1]], 1))
        loss = -(shares * np.log(likely[order, keys])).sum() + PENALTY * values @ values
        likely[order, keys] -= 1
        wrong = likely * shares[:, None]
        slope = [np.einsum("nt,nti->i", half, inputs) for half in (wrong[:, :12], wrong[:, 12:])]
        return loss, np.concatenate([*slope, [wrong[:, :12].sum()]]) + 2 * PENALTY * values
    found = scipy.optimize.minimize(cost, np.zeros(2 * INPUTS + 1), jac=True, method="L-BFGS-B",
                                    options={"maxiter": 150}).x
    return found[:-1].reshape(2, INPUTS), np.array([found[-1], 0.0])
