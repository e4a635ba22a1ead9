// SPDX-License-Identifier: GPL-3.0-or-later
// Trains the network of src/hear/harmony_net.h: its gradient by backpropagation through time, over four sequences at
// once, and a step of Adam (Kingma and Ba, ICLR 2015). For tools/learn_hearing, through a shared library.
//
// A lane is one root of one sequence, so that 48 lanes stand side by side in six vectors and every weight is used for
// all of them. All matrices are [output][input]; the gates are in the order reset, update, candidate.
#include <math.h>
#include <string.h>

typedef float vector __attribute__((vector_size(32), aligned(32)));

enum {
    SEQUENCES = 4,
    ROOTS = 12,
    LANES = SEQUENCES * ROOTS,
    VECTORS = LANES / 8,
    ROW = 3 * 47 + 1,
    REACH = 36,
    INPUTS = 3 * REACH + 1,
    UNITS = 48,
    GATES = 3 * UNITS,
    KINDS = 10,
    HEADS = KINDS + 3,
    CHORDS = ROOTS * KINDS + 1,
    SCORES = CHORDS + 3 * ROOTS,
    STEPS_MAX = 512,
    KEY_FROM = 60, ///< steps before which no key is asked for
};

typedef vector lanes[VECTORS];
typedef float (*scalars)[LANES];

struct weights {
    float input[UNITS][INPUTS], input_bias[UNITS];
    float gates[GATES][UNITS], gates_bias[GATES];
    float memory[GATES][UNITS], memory_bias[GATES];
    float heads[HEADS][UNITS], heads_bias[HEADS];
    float none[UNITS], none_bias;
};

/// What the steps of the present sequences were, for the way back.
static struct {
    lanes inputs[STEPS_MAX][INPUTS], features[STEPS_MAX][UNITS], gates[STEPS_MAX][GATES], candidate[STEPS_MAX][UNITS],
        state[STEPS_MAX + 1][UNITS], heads[STEPS_MAX][HEADS];
} past;

long weight_count(void);
void infer(const float *weights, const float *rows, long steps, float *scores);
void add_gradient(const float *weights, float *gradient, const float *rows, const int *labels, int steps, int skip,
                  const double share[3], double loss[3], long count[3]);
void adam(float *weights, const float *gradient, float *mean, float *square, long count, long step, double rate);

long weight_count(void)
{
    return sizeof(struct weights) / sizeof(float);
}

static void fill(lanes *out, const float *biases, int outputs)
{
    for (int o = 0; o < outputs; o++) {
        for (int v = 0; v < VECTORS; v++) {
            out[o][v] = biases[o] - (vector){0};
        }
    }
}

/// out += matrix * in. Two outputs at a time, so that what is loaded is used twice.
static void multiply(const float *matrix, int outputs, int inputs, const lanes *in, lanes *out)
{
    for (int o = 0; o < outputs; o += 2) {
        const int other = o + 1 < outputs ? o + 1 : o;
        const float *one = matrix + (long)o * inputs;
        const float *two = matrix + (long)other * inputs;
        vector a[VECTORS], b[VECTORS];
        memcpy(a, out[o], sizeof a);
        memcpy(b, out[other], sizeof b);
        for (int i = 0; i < inputs; i++) {
#pragma GCC unroll 6
            for (int v = 0; v < VECTORS; v++) {
                a[v] += one[i] * in[i][v];
                b[v] += two[i] * in[i][v];
            }
        }
        memcpy(out[other], b, sizeof b);
        memcpy(out[o], a, sizeof a);
    }
}

/// in += transposed matrix * out.
static void multiply_back(const float *matrix, int outputs, int inputs, const lanes *out, lanes *in)
{
    static float turned[GATES * INPUTS];
    for (int o = 0; o < outputs; o++) {
        for (int i = 0; i < inputs; i++) {
            turned[i * outputs + o] = matrix[(long)o * inputs + i];
        }
    }
    multiply(turned, inputs, outputs, out, in);
}

static float sum_of(const lanes lane)
{
    vector sum = lane[0];
    for (int v = 1; v < VECTORS; v++) {
        sum += lane[v];
    }
    return sum[0] + sum[1] + sum[2] + sum[3] + sum[4] + sum[5] + sum[6] + sum[7];
}

/// Adds what a layer's weights and biases are to blame for.
static void blame(float *matrix, float *biases, int outputs, int inputs, const lanes *error, const lanes *in)
{
    for (int o = 0; o < outputs; o++) {
        biases[o] += sum_of(error[o]);
        for (int i = 0; i < inputs; i++) {
            lanes product;
#pragma GCC unroll 6
            for (int v = 0; v < VECTORS; v++) {
                product[v] = error[o][v] * in[i][v];
            }
            matrix[(long)o * inputs + i] += sum_of(product);
        }
    }
}

static void look(int step, const float *rows, int sequences)
{
    scalars inputs = (scalars)past.inputs[step];
    memset(inputs, 0, sizeof past.inputs[step]);
    for (int lane = 0; lane < sequences * ROOTS; lane++) {
        const float *row = rows + ((long)step * sequences + lane / ROOTS) * ROW;
        for (int i = 0; i < INPUTS - 1; i++) {
            inputs[i][lane] = row[i / REACH * 47 + (lane % ROOTS + 8) % 12 + i % REACH];
        }
        inputs[INPUTS - 1][lane] = row[ROW - 1];
    }
}

static void forward(const struct weights *w, int steps)
{
    for (int t = 0; t < steps; t++) {
        static lanes memory[GATES];
        float *features = (float *)past.features[t], *gates = (float *)past.gates[t], *kept = (float *)memory;
        float *candidate = (float *)past.candidate[t], *state = (float *)past.state[t];
        float *next = (float *)past.state[t + 1];
        const int all = UNITS * LANES;
        fill(past.features[t], w->input_bias, UNITS);
        multiply(w->input[0], UNITS, INPUTS, past.inputs[t], past.features[t]);
        for (int i = 0; i < all; i++) {
            features[i] = features[i] > 0.0F ? features[i] : 0.0F;
        }
        fill(past.gates[t], w->gates_bias, GATES);
        multiply(w->gates[0], GATES, UNITS, past.features[t], past.gates[t]);
        fill(memory, w->memory_bias, GATES);
        multiply(w->memory[0], GATES, UNITS, past.state[t], memory);
        for (int i = 0; i < 2 * all; i++) {
            gates[i] = 1.0F / (1.0F + expf(-gates[i] - kept[i]));
        }
        for (int i = 0; i < all; i++) {
            candidate[i] = kept[2 * all + i];
            gates[2 * all + i] = 1.0F - 2.0F / (1.0F + expf(2.0F * (gates[2 * all + i] + gates[i] * candidate[i])));
            next[i] = (1.0F - gates[all + i]) * gates[2 * all + i] + gates[all + i] * state[i];
        }
        fill(past.heads[t], w->heads_bias, HEADS);
        multiply(w->heads[0], HEADS, UNITS, past.state[t + 1], past.heads[t]);
    }
}

/// The scores of a sequence: chords and none, basses, major keys, minor keys.
static void score(const struct weights *w, int step, int sequence, float scores[SCORES])
{
    const scalars heads = (scalars)past.heads[step];
    const scalars state = (scalars)past.state[step + 1];
    float none = w->none_bias;
    for (int root = 0; root < ROOTS; root++) {
        const int lane = sequence * ROOTS + root;
        for (int kind = 0; kind < KINDS; kind++) {
            scores[root * KINDS + kind] = heads[kind][lane];
        }
        for (int head = 0; head < 3; head++) {
            scores[CHORDS + head * ROOTS + root] = heads[KINDS + head][lane];
        }
        for (int u = 0; u < UNITS; u++) {
            none += w->none[u] * state[u][lane] / ROOTS;
        }
    }
    scores[CHORDS - 1] = none;
}

/// One sequence of any length: SCORES scores for each step.
void infer(const float *weights, const float *rows, long steps, float *scores)
{
    const struct weights *w = (const struct weights *)weights;
    memset(past.state[0], 0, sizeof past.state[0]);
    for (long done = 0; done < steps;) {
        const int some = steps - done < STEPS_MAX ? (int)(steps - done) : STEPS_MAX;
        for (int t = 0; t < some; t++) {
            look(t, rows + done * ROW, 1);
        }
        forward(w, some);
        for (int t = 0; t < some; t++) {
            score(w, t, 0, scores + (done + t) * SCORES);
        }
        memmove(past.state[0], past.state[some], sizeof past.state[0]);
        done += some;
    }
}

/// Cross-entropy of \p count scores; their gradient, times \p share, in \p error.
static double choose(const float *scores, int count, int right, double share, float *error)
{
    float highest = scores[0];
    float sum = 0.0F;
    for (int i = 1; i < count; i++) {
        highest = scores[i] > highest ? scores[i] : highest;
    }
    for (int i = 0; i < count; i++) {
        sum += error[i] = expf(scores[i] - highest);
    }
    for (int i = 0; i < count; i++) {
        error[i] = (float)share * (error[i] / sum - (i == right ? 1.0F : 0.0F));
    }
    return log(sum) + highest - scores[right];
}

/// What the scores of a step are to blame for: the heads' errors in \p error, the states' added to \p state_error.
static void judge(const struct weights *w, struct weights *g, int step, const int *labels, const double share[3],
                  double loss[3], long count[3], lanes *error, lanes *state_error)
{
    static const struct {
        int from, count, since;
    } parts[3] = {{0, CHORDS, 0}, {CHORDS, ROOTS, 0}, {CHORDS + ROOTS, 2 * ROOTS, KEY_FROM}};
    const scalars heads = (scalars)error, blamed = (scalars)state_error;
    const scalars state = (scalars)past.state[step + 1];
    for (int s = 0; s < SEQUENCES; s++) {
        float scores[SCORES], wrong[SCORES] = {0.0F};
        const int *right = labels + ((long)step * SEQUENCES + s) * 3;
        score(w, step, s, scores);
        for (int p = 0; p < 3; p++) {
            if (right[p] >= 0 && step >= parts[p].since) {
                loss[p] += choose(scores + parts[p].from, parts[p].count, right[p], share[p], wrong + parts[p].from);
                count[p]++;
            }
        }
        const float none = wrong[CHORDS - 1];
        g->none_bias += none;
        for (int lane = s * ROOTS; lane < (s + 1) * ROOTS; lane++) {
            const int root = lane % ROOTS;
            for (int h = 0; h < HEADS; h++) {
                heads[h][lane] = wrong[h < KINDS ? root * KINDS + h : CHORDS + (h - KINDS) * ROOTS + root];
            }
            for (int u = 0; u < UNITS; u++) {
                g->none[u] += none * state[u][lane] / ROOTS;
                blamed[u][lane] += none * w->none[u] / ROOTS;
            }
        }
    }
}

/// Back through the units of a step: the errors of both sums that enter the gates, and of the state before.
static void go_back(int step, lanes *state_error, lanes *gates_error, lanes *memory_error)
{
    const float *gates = (const float *)past.gates[step], *candidate = (const float *)past.candidate[step];
    const float *state = (const float *)past.state[step];
    float *error = (float *)state_error, *to_gates = (float *)gates_error, *to_memory = (float *)memory_error;
    const int all = UNITS * LANES;
    for (int i = 0; i < all; i++) {
        const float reset = gates[i], update = gates[all + i], fresh = gates[2 * all + i];
        const float fresh_error = error[i] * (1.0F - update) * (1.0F - fresh * fresh);
        to_gates[i] = to_memory[i] = fresh_error * candidate[i] * reset * (1.0F - reset);
        to_gates[all + i] = to_memory[all + i] = error[i] * (state[i] - fresh) * update * (1.0F - update);
        to_gates[2 * all + i] = fresh_error;
        to_memory[2 * all + i] = fresh_error * reset;
        error[i] *= update;
    }
}

/// Adds the gradient over four sequences: rows [step][sequence][ROW], labels [step][sequence][chord, bass, key] with
/// -1 where there is none. The first \p skip steps are not judged. \p share weighs the three parts of the loss.
void add_gradient(const float *weights, float *gradient, const float *rows, const int *labels, int steps, int skip,
                  const double share[3], double loss[3], long count[3])
{
    static lanes heads_error[HEADS], state_error[UNITS], gates_error[GATES], memory_error[GATES], features_error[UNITS];
    const struct weights *w = (const struct weights *)weights;
    struct weights *g = (struct weights *)gradient;
    memset(past.state[0], 0, sizeof past.state[0]);
    memset(state_error, 0, sizeof state_error);
    for (int t = 0; t < steps; t++) {
        look(t, rows, SEQUENCES);
    }
    forward(w, steps);
    for (int t = steps - 1; t >= 0; t--) {
        memset(heads_error, 0, sizeof heads_error);
        if (t >= skip) {
            judge(w, g, t, labels, share, loss, count, heads_error, state_error);
        }
        blame(g->heads[0], g->heads_bias, HEADS, UNITS, heads_error, past.state[t + 1]);
        multiply_back(w->heads[0], HEADS, UNITS, heads_error, state_error);
        go_back(t, state_error, gates_error, memory_error);
        blame(g->memory[0], g->memory_bias, GATES, UNITS, memory_error, past.state[t]);
        multiply_back(w->memory[0], GATES, UNITS, memory_error, state_error);
        blame(g->gates[0], g->gates_bias, GATES, UNITS, gates_error, past.features[t]);
        memset(features_error, 0, sizeof features_error);
        multiply_back(w->gates[0], GATES, UNITS, gates_error, features_error);
        const float *features = (const float *)past.features[t];
        for (int i = 0; i < UNITS * LANES; i++) {
            ((float *)features_error)[i] *= features[i] > 0.0F ? 1.0F : 0.0F;
        }
        blame(g->input[0], g->input_bias, UNITS, INPUTS, features_error, past.inputs[t]);
    }
}

void adam(float *weights, const float *gradient, float *mean, float *square, long count, long step, double rate)
{
    double length = 0.0;
    for (long i = 0; i < count; i++) {
        length += (double)gradient[i] * gradient[i];
    }
    const float shorter = length > 1.0 ? (float)(1.0 / sqrt(length)) : 1.0F;
    const float mean_part = 1.0F - powf(0.9F, (float)step), square_part = 1.0F - powf(0.999F, (float)step);
    for (long i = 0; i < count; i++) {
        const float slope = gradient[i] * shorter;
        mean[i] = 0.9F * mean[i] + 0.1F * slope;
        square[i] = 0.999F * square[i] + 0.001F * slope * slope;
        weights[i] -= (float)rate * (mean[i] / mean_part) / (sqrtf(square[i] / square_part) + 1e-8F);
    }
}
