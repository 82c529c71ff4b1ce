import { Markup } from './markup.ts';

/** The report's looks: light and dark, from 360 pixels, and on paper. Colour never says anything alone. */
export const STYLE = Markup.constant(`
:root{color-scheme:light dark;--ink:#1d1b16;--soft:#5c574b;--paper:#fbfaf7;--card:#fff;--line:#ddd8cb;--real:#a3231a;--drill:#1f5f8b}
@media (prefers-color-scheme:dark){:root{--ink:#ece8de;--soft:#b0aa9a;--paper:#171613;--card:#1f1e1a;--line:#3d3a32;--real:#ff9486;--drill:#8ac6ee}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:56rem;padding:1.25rem 1.25rem 3rem;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
header{border-top:.4rem solid var(--real);padding-top:1rem}
header.drill{border-top-style:double;border-color:var(--drill)}
.kind{margin:0;font-weight:700;letter-spacing:.12em;color:var(--real)}
.drill .kind{color:var(--drill)}
h1{margin:.1rem 0 .4rem;font-size:1.6rem;line-height:1.2}
.sub{margin:0;color:var(--soft);font-size:.875rem}
section{margin-top:1.25rem;padding:1rem 1.25rem 1.1rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem}
h2{margin:0 0 .6rem;font-size:1.1rem;line-height:1.3}
h3{margin:1rem 0 .3rem;font-size:1rem}
dl{margin:0}
dl div{display:grid;grid-template-columns:14rem minmax(0,1fr);gap:0 1.25rem;padding:.35rem 0;border-top:1px solid var(--line)}
dl div:first-child{border-top:0}
dt,.by,footer{color:var(--soft)}
dd{margin:0}
dd p,.text{margin:0;white-space:pre-wrap}
bdi{unicode-bidi:isolate}
ol{list-style:none;margin:.25rem 0 .75rem;padding:0;border-left:2px solid var(--line)}
ol>li{padding:.3rem 0 .3rem .9rem}
ol>li>p{padding-left:1.5rem;text-indent:-1.5rem}
ul{margin:0;padding-left:1.1rem}
ol ul{padding-left:2.6rem}
ul>li{white-space:pre-wrap}
ul>li::marker{color:var(--soft)}
table{width:100%;border-collapse:collapse}
th,td{padding:.35rem .75rem .35rem 0;border-top:1px solid var(--line);text-align:left;vertical-align:top}
thead th{border-top:0;color:var(--soft);font-weight:400}
pre{margin:.25rem 0;white-space:pre-wrap}
time{font-variant-numeric:tabular-nums;white-space:nowrap}
.by{font-size:.875rem}
.no{font-weight:700;color:var(--real)}
.no::before{content:"\\2717\\00a0"}
.yes::before{content:"\\2713\\00a0"}
code{font-size:.85em}
footer{margin-top:1.5rem;font-size:.875rem}
@media (max-width:38rem){body{padding:.9rem .9rem 2rem}section{padding:.8rem .9rem}dl div{grid-template-columns:minmax(0,1fr)}dt{font-size:.8125rem}thead{display:none}table,tbody,tr,td{display:block}tr{padding:.35rem 0;border-top:1px solid var(--line)}tr:first-child{border-top:0}th,td{padding:.1rem 0;border:0}td::before{content:attr(data-head);display:block;color:var(--soft);font-size:.8125rem}td:first-child{font-weight:600}td:first-child::before{display:none}}
@media print{body{max-width:none;padding:0;background:none;font-size:10.5pt}section{border:0;padding:0;background:none}dl div,li{break-inside:avoid}h2,h3{break-after:avoid}}
`);
