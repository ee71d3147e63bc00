"""The table of the settings that people changed while the appliance ran."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from edge.records.base import Base


class SettingRow(Base):
    """One change of a setting: `value` is JSON. Rows are only added; the newest of a key counts."""

    __tablename__ = "setting"

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    value: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
