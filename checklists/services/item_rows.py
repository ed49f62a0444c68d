"""The rows of new runs' items, made by the database itself."""

from collections.abc import Collection

from django.db import connection

from checklists.models import ChecklistItem, Run, RunItem


def insert_items(run_pks: Collection[int], item_pks: Collection[int]) -> None:
    """Give each of the runs each of the items, all of them untouched.

    Those with a condition are hidden until it is looked at.

    One statement, whatever their number: building the rows here first would take
    most of the time of opening runs.
    """
    if not run_pks or not item_pks:
        return
    own = {"run": "r.id", "item": "i.id", "is_hidden": "i.show_if <> '{}'"}
    blank = RunItem()
    names, chosen, params = [], [], []
    for each in RunItem._meta.concrete_fields:
        if each.primary_key:
            continue
        names.append(connection.ops.quote_name(str(each.column)))
        chosen.append(own.get(each.name, "%s"))
        if each.name not in own:
            value = getattr(blank, each.attname)
            params.append(each.get_db_prep_save(value, connection))
    runs, items = (", ".join(["%s"] * len(pks)) for pks in (run_pks, item_pks))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {RunItem._meta.db_table} ({', '.join(names)}) "  # noqa: S608
            f"SELECT {', '.join(chosen)} FROM {Run._meta.db_table} r "
            f"CROSS JOIN {ChecklistItem._meta.db_table} i "
            f"WHERE r.id IN ({runs}) AND i.id IN ({items}) ORDER BY r.id, i.position",
            [*params, *run_pks, *item_pks],
        )
