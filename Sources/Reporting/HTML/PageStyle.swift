extension ComparisonPage {
  /// How the page looks on screens, light and dark, and on paper.
  static let style = """
    :root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#f3f5f7;--rule:#d3d8de;--link:#0b57a4}
    @media (prefers-color-scheme:dark){:root{--ink:#e6e6e6;--paper:#16181c;--soft:#20242a;--rule:#3a4048;\
    --link:#8cc4ff;\(SVG.darkColours)}}
    @media print{:root{--ink:#000;--paper:#fff;--soft:#fff;--rule:#999;--link:#000;--s0:#0072b2;--s1:#d55e00;\
    --s2:#009e73;--s3:#cc79a7;--s4:#8a6d00;--s5:#56b4e9;--s6:#7f7f7f;--s7:#6a3d9a}
    .instance,figure,tr{break-inside:avoid}.scroll{overflow:visible!important}.skip{display:none}
    table{font-size:8pt!important}}
    *{box-sizing:border-box}
    body{margin:0 auto;padding:1.5rem clamp(.8rem,4vw,3rem);max-width:70rem;color:var(--ink);\
    background:var(--paper);font:16px/1.5 system-ui,sans-serif}
    h1{line-height:1.2;margin:.2rem 0 .6rem}h2{margin:2.2rem 0 .6rem;border-bottom:1px solid var(--rule)}
    h3{margin:1.6rem 0 .4rem}
    a{color:var(--link)}:focus-visible{outline:3px solid var(--link);outline-offset:2px}
    .skip{position:absolute;left:-99rem}.skip:focus{position:static}
    .remarks{padding-left:1.1rem;margin:0}
    .scroll{overflow-x:auto;margin:.6rem 0}
    table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.86rem;min-width:100%}
    th,td{padding:.25rem .55rem;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
    thead th{background:var(--soft);border-bottom:2px solid var(--rule)}
    th[scope=row],thead tr:first-child th:first-child{text-align:left}
    th[scope=colgroup]{text-align:center;border-left:1px solid var(--rule)}
    td.best{font-weight:700}td.none{opacity:.6}
    tbody tr:hover{background:var(--soft)}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:.5rem 1.5rem}
    figure{margin:.8rem 0}figcaption{font-size:.86rem;opacity:.85;max-width:44rem}
    dt{font-weight:600}dd{margin:0 0 .4rem 1rem}
    """
}
