// Lists: what stays open or in focus when htmx replaces a table.
