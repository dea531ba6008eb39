"""Rewriting a tree from its leaves, so that what stands inside a rewritten node is rewritten too."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp


def rewrite_bottom_up(statement: exp.Expr, *rewrites: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """The statement with each rewrite applied to every node, inner nodes first.

    sqlglot's own `transform` goes from the top and leaves what a rewrite has replaced.
    """
    for rewrite in rewrites:
        for node in reversed(list(statement.dfs())):
            changed = rewrite(node)
            if changed is node:
                continue
            if node is statement:
                statement = changed
            else:
                node.replace(changed)
    return statement
