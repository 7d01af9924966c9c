"""What a bench offers to copy: commands for other programs, and a first hook."""

from __future__ import annotations

__all__ = ["commands", "example"]


def commands(url: str, ws_url: str, *, token: bool) -> list[tuple[str, str]]:
    """Give label and text of each command; see `workbench.dialects.base.DialectApp`."""
    header = ' -H "Authorization: Bearer TOKEN"' if token else ""
    address = f"{ws_url}?token=TOKEN" if token else ws_url
    provider = (
        'import { HocuspocusProvider } from "@hocuspocus/provider"\n'
        f'const provider = new HocuspocusProvider({{ url: "{address}", name: "notes" }})'
    )
    python = (
        'direct = await bench.open_direct_connection("notes")\n'
        'await direct.transact(lambda document: document.get_text("text").insert(0, "hello"))'
    )
    return [("Provider", provider), ("curl", f"curl -i{header} {url}"), ("Python", python)]


def example(bench: str, point: str) -> str:
    """Give a cell with a first hook, which prints who comes, and puts it into the context.

    Parameters
    ----------
    bench
        The variable that holds the bench.
    point
        What the board calls onAuthenticate here.
    """
    return (
        f'@{bench}.hook("{point}")\n'
        "def watch(data):\n"
        "    print(data.document_name, data.token)\n"
        '    return {"user": data.token}'
    )
