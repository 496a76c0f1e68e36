"""What governance asks of the apps above it."""

from caio_portal.common.ports import Port

# Called in the transaction of the writer, with the sentence that says why: which days count for some unit is another.
business_days_changed: "Port[[str], None]" = Port("business_days_changed")
