"""What the lab refuses with one sentence for the user: what is wrong and what to do. Without torch."""

from __future__ import annotations

from core.data.files import DataError
from core.data.pictures import PictureError
from core.inspect.catalogue import WeightsError
from core.publish.whole import PublishError
from core.record.file import RecordingError
from core.spec import SpecError
from core.store.database import EngineError

REFUSALS = (SpecError, DataError, PictureError, WeightsError, EngineError, RecordingError, PublishError)
