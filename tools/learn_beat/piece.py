# SPDX-License-Identifier: GPL-3.0-or-later
"""Music in beats: what the collections give and what a performance makes sound of."""
from dataclasses import dataclass, field


@dataclass
class Piece:
    """`tracks` hold (pitch, velocity, first beat, last beat); beat 0 is a downbeat where `is_barred`."""
    tracks: list
    beats: int                # in a bar
    division: int = 2         # of a beat
    tempo: float = 0.0        # BPM; 0 where the source has none
    is_barred: bool = True
    names: list = field(default_factory=list)
    drums: list = field(default_factory=list)
