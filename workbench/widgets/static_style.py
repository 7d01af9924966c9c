"""The static view's style sheet: light and dark, following JupyterLab's theme where there is one.

The same tokens as the live page's. A host that says which theme it has (JupyterLab and nbconvert do, by an
attribute on the body) is believed; elsewhere the reader's own preference decides. Hosts that drop style
sheets lose only looks.
"""

from __future__ import annotations

__all__ = ["STYLE"]

from typing import Final

_LIGHT: Final = """
color-scheme:light;--bg:var(--jp-layout-color1,#fff);--0:var(--jp-ui-font-color0,#000);
--ink:color-mix(in srgb,var(--0) 87%,var(--bg));--ink2:color-mix(in srgb,var(--0) 66%,var(--bg));
--line:color-mix(in srgb,var(--0) 8%,var(--bg));--line2:color-mix(in srgb,var(--0) 26%,var(--bg));
--work:#4d7396;--wait:#d5e0ea;--ok:#2e7040;--changed:#1565c0;--stopped:#8a4b00;--raised:#b71c1c;
--skipped:#616161;--pending:#6a3ab2;--pend:#eee8f8;--rev:#1565c0"""

_DARK: Final = """
color-scheme:dark;--bg:var(--jp-layout-color1,#212121);--0:var(--jp-ui-font-color0,#fff);
--ink:color-mix(in srgb,var(--0) 87%,var(--bg));--ink2:color-mix(in srgb,#fff 70%,var(--bg));
--line:color-mix(in srgb,#fff 10%,var(--bg));--line2:color-mix(in srgb,#fff 30%,var(--bg));
--work:#86abcd;--wait:#33414e;--ok:#7fc890;--changed:#7cbcf7;--stopped:#f2b35c;--raised:#ff9a94;
--skipped:#b4b4b4;--pending:#c1a6f2;--pend:#322843;--rev:#7cbcf7"""

_RULES: Final = f"""
.wb-static{{{_LIGHT};
font:12px/1.45 var(--jp-ui-font-family,system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif);
color:var(--ink);background:var(--bg);font-variant-numeric:tabular-nums;padding:16px 20px;max-width:920px;
box-sizing:border-box;overflow-x:auto}}
@media (prefers-color-scheme:dark){{.wb-static{{{_DARK}}}}}
[data-jp-theme-light="true"] .wb-static{{{_LIGHT}}}
[data-jp-theme-light="false"] .wb-static{{{_DARK}}}
.wb-static .label{{border:1px solid var(--line2);padding:6px 10px;margin:0 0 12px}}
.wb-static h2{{font-size:14px;line-height:1.45;margin:0;font-weight:700;color:var(--ink)}}
.wb-static h3{{font-size:12px;line-height:1.45;margin:16px 0 4px;font-weight:700;color:var(--ink)}}
.wb-static p{{margin:2px 0 0}}
.wb-static .sub,.wb-static h2 small,.wb-static h3 small{{color:var(--ink2);font-weight:400}}
.wb-static h2 small{{font-size:14px}} .wb-static h3 small{{font-size:12px}}
.wb-static table{{border-collapse:collapse;width:100%;margin:0;table-layout:auto;font-size:12px;
color:inherit;border:0}}
.wb-static tr,.wb-static tr:hover,.wb-static tbody tr:nth-child(even){{background:none}}
.wb-static td,.wb-static th{{padding:2px 10px 2px 0;text-align:left;border:0;
border-bottom:1px solid var(--line);font-weight:400;white-space:nowrap;vertical-align:top;max-width:none}}
.wb-static th{{color:var(--ink2);font-size:11px;vertical-align:bottom}}
.wb-static .n{{text-align:right;padding-right:14px}}
.wb-static .w{{white-space:normal;overflow-wrap:anywhere;color:var(--ink2)}}
.wb-static .mono,.wb-static code{{
font-family:var(--jp-code-font-family,Menlo,Consolas,"DejaVu Sans Mono",monospace);
font-size:12px;background:none;color:inherit}}
.wb-static .val{{white-space:pre-wrap;overflow-wrap:anywhere}}
.wb-static .off{{color:var(--ink2)}} .wb-static .quiet{{color:var(--ink2)}}
.wb-static .oc svg{{vertical-align:-2px}} .wb-static .oc .bar{{stroke:var(--bg)}}
.wb-static .ok svg{{color:var(--ok)}} .wb-static .changed svg{{color:var(--changed)}}
.wb-static .stopped{{color:var(--stopped);font-weight:600}} .wb-static .raised{{color:var(--raised);
font-weight:600}}
.wb-static .skipped,.wb-static .cancelled{{color:var(--skipped)}}
.wb-static .pending{{color:var(--pending)}}
.wb-static .wf td,.wb-static .wf th{{border:0;padding:0 8px 0 0;vertical-align:middle}}
.wb-static .wf .lane{{width:100%;padding:0}}
.wb-static .wf svg{{display:block;width:100%;height:26px}}
.wb-static .ticks{{position:relative;display:block;height:16px}}
.wb-static .ticks span{{position:absolute;white-space:nowrap}}
.wb-static .axis{{stroke:var(--line);stroke-width:1}} .wb-static .fold{{fill:var(--line)}}
.wb-static .work{{fill:var(--work)}} .wb-static .wait{{fill:var(--wait)}}
.wb-static .hatch{{stroke:var(--work);stroke-width:1.6}}
.wb-static .b-raised{{fill:var(--raised)}} .wb-static .b-stopped{{fill:var(--stopped)}}
.wb-static .pend{{fill:var(--pend)}} .wb-static .pendh{{stroke:var(--pending);stroke-width:1.6}}
@media (forced-colors:active){{.wb-static .work,.wb-static .b-raised,.wb-static .b-stopped{{fill:CanvasText}}
.wb-static .hatch,.wb-static .pendh{{stroke:CanvasText}} .wb-static .wait,.wb-static .pend{{fill:Canvas}}}}
"""

# JupyterLab's own rules for tables in outputs have two classes and an element; three classes outweigh them.
STYLE: Final = _RULES.replace(".wb-static ", ".wb-static.wb-static.wb-static ").replace("\n", "")
"""The sheet, in one line."""
