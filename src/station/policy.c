// SPDX-License-Identifier: GPL-3.0-or-later
// The rules in force are one block that is never changed, only exchanged, under a lock that is held for a look at it.
// Of the token nothing is kept but its digest: digests are equally long, so their comparison tells nothing of how long
// the token is or how much of a guess was right.
#include "station/policy.h"

#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct rules {
    char **origins; ///< ended by NULL
    bool has_token;
    uint8_t token[SHA256_DIGEST_SIZE];
    int private_max;
    unsigned per_address;
};

struct policy {
    pthread_mutex_t lock; ///< guards what follows
    struct rules *rules;
};

static void digest(const char *token, uint8_t out[SHA256_DIGEST_SIZE])
{
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, strlen(token), (const uint8_t *)token);
    sha256_digest(&context, SHA256_DIGEST_SIZE, out);
}

static void rules_free(struct rules *rules)
{
    if (rules) {
        for (char **origin = rules->origins; origin && *origin; origin++) {
            free(*origin);
        }
        free((void *)rules->origins);
        free(rules);
    }
}

static enum status copy_origins(struct rules *rules, const char *const *origins)
{
    size_t count = 0;
    while (origins && origins[count]) {
        count++;
    }
    rules->origins = calloc(count + 1, sizeof *rules->origins);
    if (!rules->origins) {
        return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        rules->origins[i] = strdup(origins[i]);
        if (!rules->origins[i]) {
            return STATUS_NO_MEMORY;
        }
    }
    return STATUS_OK;
}

static struct rules *rules_copy(const struct policy_rules *wanted)
{
    struct rules *rules = calloc(1, sizeof *rules);
    if (!rules || copy_origins(rules, wanted->origins) != STATUS_OK) {
        rules_free(rules);
        return NULL;
    }
    rules->has_token = wanted->control_token != NULL;
    if (rules->has_token) {
        digest(wanted->control_token, rules->token);
    }
    rules->private_max = wanted->private_max;
    rules->per_address = wanted->per_address;
    return rules;
}

enum status policy_new(const struct policy_rules *rules, struct policy **out)
{
    struct policy *policy = calloc(1, sizeof *policy);
    if (!policy) {
        return STATUS_NO_MEMORY;
    }
    policy->rules = rules_copy(rules);
    if (!policy->rules || pthread_mutex_init(&policy->lock, NULL) != 0) {
        rules_free(policy->rules);
        free(policy);
        return STATUS_NO_MEMORY;
    }
    *out = policy;
    return STATUS_OK;
}

void policy_free(struct policy *policy)
{
    if (policy) {
        pthread_mutex_destroy(&policy->lock);
        rules_free(policy->rules);
        free(policy);
    }
}

enum status policy_set(struct policy *policy, const struct policy_rules *rules)
{
    struct rules *fresh = rules_copy(rules);
    if (!fresh) {
        return STATUS_NO_MEMORY;
    }
    pthread_mutex_lock(&policy->lock);
    struct rules *old = policy->rules;
    policy->rules = fresh;
    pthread_mutex_unlock(&policy->lock);
    rules_free(old);
    return STATUS_OK;
}

bool policy_allows_origin(struct policy *policy, const char *origin)
{
    pthread_mutex_lock(&policy->lock);
    char *const *allowed = policy->rules->origins;
    while (*allowed && strcasecmp(*allowed, origin) != 0) {
        allowed++;
    }
    const bool allows = *allowed != NULL;
    pthread_mutex_unlock(&policy->lock);
    return allows;
}

bool policy_may_control(struct policy *policy, const char *token)
{
    uint8_t given[SHA256_DIGEST_SIZE];
    digest(token ? token : "", given);
    pthread_mutex_lock(&policy->lock);
    const struct rules *rules = policy->rules;
    const bool may = !rules->has_token || (token && memeql_sec(given, rules->token, sizeof given) != 0);
    pthread_mutex_unlock(&policy->lock);
    return may;
}

int policy_private_max(struct policy *policy)
{
    pthread_mutex_lock(&policy->lock);
    const int most = policy->rules->private_max;
    pthread_mutex_unlock(&policy->lock);
    return most;
}

unsigned policy_per_address(struct policy *policy)
{
    pthread_mutex_lock(&policy->lock);
    const unsigned most = policy->rules->per_address;
    pthread_mutex_unlock(&policy->lock);
    return most;
}
