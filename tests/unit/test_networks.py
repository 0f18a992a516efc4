"""Which trained nets a lab has, and what their names mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.answers import networks
from core.inspect import catalogue
from core.inspect.imagenet import PUBLISHED
from core.inspect.trained import of_entry
from core.record.events import Event
from core.spec import RunSpec, TrainSpec
from core.store.home import weights
from core.store.identity import Identity
from core.store.store import EngineError, Store
from core.web.inspect.nets import labelled, link_of, note
from tests.unit.small_cifar import is_sentence
from tests.unit.small_nets import SPEC, write


@pytest.fixture(autouse=True)
def no_weights_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("DEPTHLAB_WEIGHTS", raising=False)


@pytest.fixture
def store(home: Path) -> Store:
    return Store(home)


@pytest.fixture
def run(store: Store) -> str:
    """One that has been evaluated thrice, with checkpoints in between."""
    spec = RunSpec(net=SPEC, train=TrainSpec(epochs=3))
    run_id = store.create_run(spec, owner="cli", holder=Identity.me())
    for step in (75, 150):
        write(store.folder(run_id) / f"checkpoint-{step}.safetensors", seed=step)
    evaluations = [
        Event("evaluation", 50 * epoch, {"epoch": epoch, "test_accuracy": epoch / 10}) for epoch in (1, 2, 3)
    ]
    store.append(run_id, evaluations, Identity.me())
    return run_id


def refused(ref: str, store: Store) -> str:
    with pytest.raises(EngineError) as error:
        networks.find(ref, store)
    assert is_sentence(f'"{error.value}')  # some begin with a path
    return str(error.value)


def test_all_that_can_be_chosen(store: Store, run: str) -> None:
    store.create_run(RunSpec(), owner="cli", holder=Identity.me())  # it has no checkpoint yet
    found = networks.networks(store)
    shipped = [entry.ref for entry in catalogue.shipped()]
    assert [entry.ref for entry in found] == [*shipped, f"{run}@150", *PUBLISHED]
    assert all(networks.find(entry.ref, store) == entry for entry in found)


def test_the_store_is_asked_as_often_for_many_runs_as_for_one(store: Store, run: str) -> None:
    asked: list[str] = []
    networks.networks(store)
    [connection] = store.database._idle
    connection.set_trace_callback(asked.append)
    of_one = networks.networks(store)
    for_one = len(asked)
    more = [store.create_run(RunSpec(net=SPEC), owner="cli", holder=Identity.me()) for _ in range(20)]
    for number, run_id in enumerate(more):
        (store.folder(run_id) / "checkpoint-7.safetensors").touch()
        event = Event("evaluation", 7, {"epoch": 1, "test_accuracy": number / 100})
        store.append(run_id, [event][: number % 2], Identity.me())  # half of them have not been evaluated
    asked.clear()
    found = {entry.ref: entry for entry in networks.networks(store)}
    assert len(found) == len(of_one) + 20
    assert for_one == len(asked) == 2  # the runs; their evaluations
    for number, run_id in enumerate(more):
        known = (number / 100, 1) if number % 2 else (None, 0)
        assert (found[f"{run_id}@7"].test_accuracy, found[f"{run_id}@7"].epochs) == known
    assert found[f"{run}@150"].test_accuracy == 0.3


def test_a_run_is_its_newest_checkpoint_or_that_of_a_step(store: Store, run: str) -> None:
    newest = networks.find(run, store)
    assert (newest.ref, newest.test_accuracy, newest.epochs) == (f"{run}@150", 0.3, 3)
    assert newest.title == f"ResNet-8 ×0.25 · run {run}, step 150"
    older = networks.find(f"{run}@75", store)
    assert older.path == store.folder(run) / "checkpoint-75.safetensors"
    assert (older.test_accuracy, older.epochs) == (0.1, 1)  # as it was then, not as it became


def test_best_epoch_is_offered_beside_the_newest_checkpoint(store: Store, run: str) -> None:
    """And is said to be chosen on the test set; two evaluations say so much of step 75 that it is the best."""
    store.append(run, [Event("evaluation", 75, {"epoch": 2, "test_accuracy": 0.9})], Identity.me())
    [newest, best] = [entry for entry in networks.networks(store) if entry.ref.startswith(run)]
    assert (newest.ref, best.ref) == (f"{run}@150", f"{run}@best")
    assert best.path == store.folder(run) / "checkpoint-75.safetensors"
    assert best.title == f"ResNet-8 ×0.25 · run {run}, step 75, its best epoch, chosen on the test set"
    assert (best.test_accuracy, best.epochs) == (0.9, 2)
    assert networks.find(f"{run}@best", store) == best
    assert link_of(best) == f"{run}@best"
    assert link_of(newest) == run
    assert len({*labelled({link_of(entry): entry for entry in (newest, best)}).values()}) == 2
    assert note(best).endswith("its best epoch, chosen on the test set")


def test_best_epoch_that_is_the_newest_is_offered_once(store: Store, run: str) -> None:
    [entry] = [entry for entry in networks.networks(store) if entry.ref.startswith(run)]
    assert entry.ref == f"{run}@150"
    assert networks.find(f"{run}@best", store).path == entry.path


def test_a_snapshot_stays_as_it_was_while_the_run_goes_on(store: Store, run: str) -> None:
    trained = of_entry(networks.find(run, store))
    before = {name: tensor.clone() for name, tensor in trained.net.state_dict().items()}
    write(store.folder(run) / "checkpoint-150.safetensors", seed=9)
    write(store.folder(run) / "checkpoint-200.safetensors", seed=10)
    assert networks.find(run, store).ref == f"{run}@200"
    assert all((tensor == before[name]).all() for name, tensor in trained.net.state_dict().items())


@pytest.mark.parametrize("step", ["76", "seven", "-1", "075", "best@75", " "])
def test_a_checkpoint_that_a_run_does_not_have(store: Store, run: str, step: str) -> None:
    said = refused(f"{run}@{step}", store)
    assert said == f'ResNet-8 ×0.25 has no checkpoint "{step}": choose {run}@75, {run}@150, {run}@best.'


def test_a_run_without_a_checkpoint(store: Store) -> None:
    run_id = store.create_run(RunSpec(net=SPEC), owner="cli", holder=Identity.me())
    for ref in (run_id, f"{run_id}@best", f"{run_id}@7"):
        assert refused(ref, store) == "ResNet-8 ×0.25 has no checkpoint yet: choose another run."


def test_a_run_of_which_no_checkpoint_was_judged_has_no_best_epoch(store: Store) -> None:
    """One that was stopped in the middle of its first epoch."""
    run_id = store.create_run(RunSpec(net=SPEC), owner="cli", holder=Identity.me())
    write(store.folder(run_id) / "checkpoint-7.safetensors")
    said = refused(f"{run_id}@best", store)
    assert said.startswith("None of ResNet-8 ×0.25's checkpoints was judged on the test set")
    assert said.endswith(f"choose {run_id} for its newest.")
    assert refused(f"{run_id}@8", store).endswith(f'"8": choose {run_id}@7.')


@pytest.mark.parametrize("ref", ["nobody", "nobody@best", "", "@", "."])
def test_names_of_nothing(store: Store, run: str, ref: str) -> None:
    said = refused(ref, store)
    assert "There is no trained net" in said
    assert "a run with a checkpoint, or a .safetensors file." in said


def test_a_path(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "mine.safetensors")
    entry = networks.find(str(path), store)
    assert (entry.ref, entry.path, entry.title) == (str(path), path, "ResNet-8 ×0.25 · mine.safetensors")
    monkeypatch.chdir(tmp_path)  # the worker has another working folder: the name must hold there too
    assert networks.find("mine.safetensors", store).ref == str(path)
    assert "There is no checkpoint at" in refused(str(tmp_path / "none.safetensors"), store)
    (tmp_path / "text.safetensors").write_text("text")
    assert "is not a whole checkpoint" in refused(str(tmp_path / "text.safetensors"), store)


def test_a_damaged_shipped_net_is_said_to_be_damaged(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "SHIPPED", tmp_path)
    catalogue.shipped.cache_clear()
    (tmp_path / "resnet20.safetensors").write_text("text")
    assert "resnet20.safetensors is not a whole checkpoint" in refused("resnet20", store)
    catalogue.shipped.cache_clear()


def test_where_published_weights_are_looked_for(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = PUBLISHED["resnet18"]
    assert networks.find("resnet18", store).path is None
    places = [weights(), tmp_path / "torch" / "hub" / "checkpoints", tmp_path / "named"]
    monkeypatch.setenv("DEPTHLAB_WEIGHTS", str(places[2]))
    for place in places:  # each goes before the one before
        place.mkdir(parents=True)
        (place / published.file).touch()
        assert networks.find("resnet18", store).path == place / published.file


def test_torchs_own_cache_is_where_torch_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from torch import hub

    for name, value in (("TORCH_HOME", "t"), ("XDG_CACHE_HOME", "x"), ("HOME", "h")):
        monkeypatch.setenv(name, str(tmp_path / value))
    for name in ("TORCH_HOME", "XDG_CACHE_HOME", "HOME"):
        assert networks.weight_folders()[0] == Path(hub.get_dir()) / "checkpoints"
        if name != "HOME":
            monkeypatch.delenv(name)
