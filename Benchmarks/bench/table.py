"""Results as text: medians of the rounds, their spread, and ratios within the same round."""

from statistics import median


def _spread(values, digits):
    middle = f"{median(values):.{digits}f}"
    return f"{middle} ({min(values):.{digits}f}–{max(values):.{digits}f})" if len(values) > 1 else middle


def _ratios(rows, reference, key):
    """Ratios to the reference, one for each round that has both."""
    return [row[key] / other[key] for row, other in zip(rows, reference) if row and other and other.get(key)]


def render(title, results, columns, reference_key, references=("nginx", "envoy")):
    """`results`: peer → a dictionary (or None) for each round. `columns`: key, heading, digits. The ratios are those of `reference_key`."""
    head = ["", *(heading for _, heading, _ in columns), *(f"× {name}" for name in references if name in results)]
    lines = []
    for peer, rows in results.items():
        good = [row for row in rows if row and "note" not in row]
        if not good:
            notes = [row["note"] for row in rows if row and "note" in row]
            lines.append([peer, notes[0] if notes else "–"])
            continue
        cells = [peer, *(_spread([row[key] for row in good], digits) for key, _, digits in columns)]
        for name in references:
            if name in results:
                ratios = _ratios(*([row if row and "note" not in row else None for row in source] for source in (rows, results[name])), reference_key)
                cells.append(_spread(ratios, 2) if ratios else "–")
        lines.append(cells)
    widths = [max(len(row[i]) for row in [head, *lines] if i < len(row) and len(row) == len(head)) for i in range(len(head))]
    out = ["", title, ""]
    for number, row in enumerate([head, *lines]):
        if len(row) < len(head):
            out.append("| " + row[0].ljust(widths[0]) + " | " + " ".join(row[1:]))
            continue
        out.append("| " + " | ".join(cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))) + " |")
        if number == 0:
            out.append("|" + "|".join("-" * (width + 1) + (":" if i else "-") for i, width in enumerate(widths)) + "|")
    return "\n".join(out)
