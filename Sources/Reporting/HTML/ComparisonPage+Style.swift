extension ComparisonPage {
  /// The style of the page on screens wide and narrow, light and dark, and on paper.
  static let style = """
    :root{color-scheme:light dark;--ink:#1b1f24;--faint:#59626c;--paper:#fff;--soft:#f3f5f7;\
    --rule:#d3d8de;--link:#0b57a4}
    @media (prefers-color-scheme:dark){:root{--ink:#e6e6e6;--faint:#a7afb8;--paper:#16181c;\
    --soft:#20242a;--rule:#3a4048;--link:#8cc4ff;\(SVG.darkColors)}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0 auto;padding:1.5rem clamp(.8rem,4vw,3rem) 3rem;max-width:76rem;color:var(--ink);\
    background:var(--paper);font:16px/1.5 system-ui,sans-serif}
    h1{font-size:1.75rem;line-height:1.2;margin:.2rem 0 .6rem}
    h2{font-size:1.3rem;line-height:1.3;margin:2.4rem 0 .6rem;padding-bottom:.2rem;\
    border-bottom:1px solid var(--rule)}
    h3{font-size:1.05rem;margin:0 0 .2rem}
    p{max-width:46rem;margin:.4rem 0 .6rem}
    a{color:var(--link);text-underline-offset:.15em}
    :focus-visible{outline:3px solid var(--link);outline-offset:2px}
    .skip{position:absolute;left:-99rem}.skip:focus{position:static}
    .remarks{padding:0;margin:0;list-style:none;color:var(--faint);font-size:.92rem}
    .scroll{overflow-x:auto;margin:.6rem 0}
    table{border-collapse:separate;border-spacing:0;font-variant-numeric:tabular-nums lining-nums;font-size:.86rem;\
    line-height:1.35;border-top:2px solid var(--ink);border-bottom:2px solid var(--ink)}
    th,td{padding:.24rem .55rem;text-align:right;white-space:nowrap;vertical-align:bottom}
    tbody tr+tr>*{border-top:1px solid var(--rule)}
    thead th{font-weight:600;border-bottom:1px solid var(--ink)}
    thead th[scope=colgroup]{text-align:center;border-bottom:1px solid var(--rule)}
    th[scope=row],thead tr:first-child th:first-child{text-align:left;position:sticky;left:0;\
    background:var(--paper)}
    th[scope=row]{font-weight:600}
    td.best{font-weight:700}td.none{color:var(--faint)}td.why{white-space:normal;text-align:left}\
    .doubt{font-weight:600;color:var(--ink)}
    th.first,td.first{padding-left:1.1rem}
    tbody tr:hover>*{background:var(--soft)}
    .figures,.cards{display:grid;gap:1.4rem 2rem;\
    grid-template-columns:repeat(auto-fit,minmax(min(100%,29rem),1fr))}
    .instance{min-width:0}.instance table{font-size:.79rem;min-width:100%}
    .instance th,.instance td{padding:.18rem .35rem}
    figure{margin:.4rem 0;min-width:0}
    figcaption{font-size:.86rem;line-height:1.4;color:var(--faint);max-width:44rem}
    .matches{display:flex;flex-wrap:wrap;gap:1.4rem 1rem;align-items:flex-start}
    .match{max-width:100%}.match svg{display:block;max-width:none}
    dl{max-width:46rem}dt{font-weight:600}dd{margin:0 0 .4rem 1rem}
    @media (max-width:40rem){h1{font-size:1.45rem}th,td{padding:.24rem .4rem}
    th.long{white-space:normal;min-width:9rem;overflow-wrap:break-word}
    .qap-picture.chart{font-size:16px}}
    @media print{:root{color-scheme:light;--ink:#000;--faint:#333;--paper:#fff;--soft:#fff;--rule:#999;\
    --link:#000;--on:#fff;--s0:#0072b2;--s1:#d55e00;--s2:#009e73;--s3:#cc79a7;--s4:#8a6d00;--s5:#2f8fc9;\
    --s6:#7f7f7f;--s7:#6a3d9a}
    @page{margin:14mm}
    html{font-size:9.5pt}body{padding:0;max-width:none;font-size:1rem}a{text-decoration:none}
    h2,h3{break-after:avoid}#profiles,#matches,#instances{break-before:page;margin-top:0}.instance,figure,tr{break-inside:avoid}
    .scroll{overflow:visible}.skip{display:none}
    table,.instance table{font-size:6.6pt}th,td{padding:.1rem .25rem}th.first,td.first{padding-left:.5rem}
    .figures,.cards{grid-template-columns:1fr 1fr;gap:.8rem 1.2rem}
    .match svg{max-width:100%}}
    """
}
