// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Kaiser's window, for filters that are designed as a sinc under it.
#pragma once

/// The window at \p place, -1 to 1 of its half width, 1 in the middle (Kaiser and Schafer, "On the use of the I0-sinh
/// window for spectrum analysis", IEEE Trans. ASSP 28, 1980). \p beta, 0 to 20, is its shape: the higher, the lower the
/// side lobes. Any thread.
double kaiser(double place, double beta);
