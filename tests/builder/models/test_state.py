"""A network's attributes, modules and buffers: a change of any is seen and undone."""

import pytest
import torch
from torch import nn

from brainlake_builder.models.state import AsLoaded


class Small(nn.Module):
    """One thing of each kind that a pass may change."""

    def __init__(self):
        super().__init__()
        self.mode = "sparse"
        self.factors = {"long": torch.tensor([1.0, 2.0])}
        self.block = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
        self.register_buffer("frequencies", torch.arange(3.0))
        self.register_buffer("absent", None)


def set_mode(network):
    network.mode = "full"


def set_mode_to_an_equal_of_another_type(network):
    network.block[0].in_features = 2.0


def set_factors(network):
    network.factors = {"long": torch.tensor([1.0, 3.0])}


def put_another_module(network):
    network.block[1] = nn.Linear(2, 2)


def add_a_module(network):
    network.block.append(nn.Linear(2, 2))


def change_a_buffer_in_place(network):
    network.frequencies[1] = 9


def put_a_wider_buffer(network):
    network.frequencies = torch.arange(5.0)


CHANGES = [
    set_mode,
    set_mode_to_an_equal_of_another_type,
    set_factors,
    put_another_module,
    add_a_module,
    change_a_buffer_in_place,
    put_a_wider_buffer,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen_and_undone(change):
    network = Small()
    modules, buffer = list(network.modules()), network.frequencies
    as_loaded = AsLoaded(network)
    assert not as_loaded.changed()
    change(network)
    assert as_loaded.changed()
    as_loaded.restore()
    assert not as_loaded.changed()
    assert (network.mode, network.factors["long"].tolist()) == ("sparse", [1.0, 2.0])
    assert list(network.modules()) == modules
    assert network.frequencies is buffer
    assert buffer.tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("change", CHANGES)
def test_it_can_be_undone_again_and_again(change):
    network = Small()
    as_loaded = AsLoaded(network)
    for _ in range(2):
        change(network)
        assert as_loaded.changed()
        as_loaded.restore()
        assert not as_loaded.changed()


def test_what_a_pass_adds_is_left_alone():
    network = Small()
    as_loaded = AsLoaded(network)
    network.computed_once = torch.ones(2)
    assert not as_loaded.changed()
    as_loaded.restore()
    assert network.computed_once.tolist() == [1.0, 1.0]


def test_an_equal_value_in_another_object_is_no_change():
    network = Small()
    as_loaded = AsLoaded(network)
    network.factors = {"long": torch.tensor([1.0, 2.0])}
    network.frequencies = torch.arange(3.0)
    assert not as_loaded.changed()
