"""Reads parts of pictures by Ray Data: an actor for each core of the cluster, with a reading process beside it."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any

from tinydigits.scale.bulk import OnPictures, Part, Reading, ReadParts, read_parts, reading_crew


class PartReader:
    """An actor that reads parts, in a process that may be killed by a picture, and is replaced then."""

    def __init__(self) -> None:
        self.crew = reading_crew(1)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Reads the parts of a batch, each to its file; returns how many pictures each has."""
        orders = [json.loads(order) for order in batch["order"]]
        for order in orders:
            read_parts(self.crew, [Part.from_order(order)], Reading.from_order(order), lambda count: None)
        return {"pictures": [len(order["names"]) for order in orders]}


def by_ray(ray: Any) -> ReadParts:
    """Returns what reads parts on the cluster that `ray` is connected to; all nodes need to see the same files."""

    def read(missing: Sequence[Part], how: Reading, on_pictures: OnPictures) -> None:
        import ray.data as ray_data

        context = ray_data.DataContext.get_current()
        context.enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        most = min(max(int(ray.cluster_resources().get("CPU", 1)), 1), len(missing))
        orders = [{"order": json.dumps(part.order(how))} for part in missing]
        parts = ray_data.from_items(orders, override_num_blocks=len(orders))
        actors = ray_data.ActorPoolStrategy(min_size=1, max_size=most)
        for row in parts.map_batches(PartReader, batch_size=1, compute=actors, num_cpus=1).iter_rows():
            on_pictures(int(row["pictures"]))

    return read
