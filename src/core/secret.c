// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secret.h"

#include <stdio.h>
#include <sys/random.h>
#include <sys/types.h>

enum status secret_make(char out[SECRET_SIZE])
{
    unsigned char bytes[(SECRET_SIZE - 1) / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return STATUS_IO;
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
    return STATUS_OK;
}
