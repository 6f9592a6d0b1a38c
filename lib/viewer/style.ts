/** The style of all pages. It stands in each of them, as there is no asset to load. */
export const style = `
:root{color-scheme:light dark;--bg:#fbfbfa;--card:#fff;--text:#1c1e21;--soft:#5a6069;--line:#e1e3e6;--strong:#848b94;
--link:#0b57c2;--accent:#0b57c2;--on-accent:#fff;--ins:#10602c;--ins-bg:#e2f6e7;--del:#9c1c22;--del-bg:#fde9e9;
--warn-bg:#fff6dd;--warn:#6b4a00;--danger:#a8201a;--chip:#eef0f2;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--bg:#14161a;--card:#1b1e23;--text:#e5e8ec;--soft:#a3abb6;--line:#2e333b;--strong:#7b8491;
--link:#8ab6ff;--accent:#8ab6ff;--on-accent:#0d1420;--ins:#8fe0a8;--ins-bg:#12321f;--del:#ffaaa8;--del-bg:#3d1a1c;
--warn-bg:#352a0c;--warn:#f3d68b;--danger:#ffaaa8;--chip:#282d35}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:break-word}
td,dd,h1,li,.reason,.sub{overflow-wrap:anywhere}
.wide{max-width:60rem;margin:0 auto;padding-left:1rem;padding-right:1rem}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:.18em}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
main:focus{outline:none}
.skip{position:absolute;left:-999rem}
.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.5rem .8rem;z-index:1}
.sr{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.top{border-bottom:1px solid var(--line);background:var(--card)}
.top .wide{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem 1.5rem;padding-top:.7rem;padding-bottom:.7rem}
.name{font-weight:650;letter-spacing:-.01em}
.top nav{display:flex;gap:1.1rem}
.top nav a,.tabs a{color:var(--soft);text-decoration:none;padding:.15rem 0;border-bottom:2px solid transparent}
.top nav a:hover,.tabs a:hover{color:var(--text)}
.top nav a[aria-current],.tabs a[aria-current]{color:var(--text);border-color:var(--accent)}
.viewer{margin-left:auto;color:var(--soft);font-size:.87rem}
main{padding-top:1.5rem;padding-bottom:2.5rem}
footer.wide{color:var(--soft);font-size:.84rem;padding-bottom:1.5rem}
h1{font-size:1.5rem;line-height:1.25;letter-spacing:-.015em;font-weight:650;margin:0 0 .6rem}
h2{font-size:1.05rem;line-height:1.35;font-weight:650;margin:1.8rem 0 .6rem}
p{margin:.5rem 0}
.sub{color:var(--soft);margin:.15rem 0 .6rem}
code,.number{font-family:var(--mono);font-size:.88em}
.tabs{display:flex;flex-wrap:wrap;gap:.2rem 1.3rem;border-bottom:1px solid var(--line);margin:1rem 0 1.3rem}
.tabs a{padding:.35rem 0;margin-bottom:-1px}
.day h2{color:var(--soft);font-size:.9rem;font-weight:600;margin:1.7rem 0 .5rem}
ol.entries{list-style:none;margin:0;padding:0;background:var(--card);border:1px solid var(--line);border-radius:8px}
ol.entries>li+li{border-top:1px solid var(--line)}
.entry{padding:.8rem 1rem .7rem}
.entry>header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.1rem .55rem}
.entry time{color:var(--soft);font-variant-numeric:tabular-nums;font-size:.87rem;min-width:4.2rem}
.entry .actor{font-weight:600;color:var(--text)}
.entry .record{font-weight:500}
.actor.none{font-weight:400;font-style:italic;color:var(--soft)}
.action{color:var(--soft)}
.action.create,.action.restore{color:var(--ins)}
.action.destroy{color:var(--del)}
.reason{margin:.15rem 0 0;color:var(--soft)}
.entry>footer{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin-top:.45rem;font-size:.84rem}
@media (min-width:52rem){.entry{display:grid;grid-template-columns:1fr auto;column-gap:1.5rem}.entry>*{grid-column:1/-1}
.entry>header{grid-area:1/1}.entry>footer{grid-area:1/2;margin:0;align-items:baseline;gap:.1rem .9rem}}
.entry>footer a,.whole,.whole a,.more a{color:var(--soft)}
.entry>footer a:hover,.whole a:hover{color:var(--link)}
table{border-collapse:collapse;width:100%;text-align:left}
caption{text-align:left;color:var(--soft);padding:.2rem 0 .5rem}
th,td{vertical-align:top;padding:.3rem .75rem .3rem 0;font-weight:400}
td:last-child{padding-right:0}
thead th{color:var(--soft);font-size:.84rem;border-bottom:1px solid var(--line)}
table.changes{margin:.45rem 0 0;table-layout:fixed}
table.changes .names{width:11rem}
table.changes th,table.changes td{padding-top:.18rem;padding-bottom:.18rem}
table.values th[scope=row]{width:13rem}
.blame td:nth-child(3){width:11rem}
.blame td:nth-child(4){width:12rem;overflow-wrap:normal}
.plain th,.plain td{overflow-wrap:normal}
table.values tbody tr+tr>*,table.plain tbody tr+tr>*,.ruled tbody tr+tr>*{border-top:1px solid var(--line)}
table.values th,table.values td,.ruled th,.ruled td{padding-top:.45rem!important;padding-bottom:.45rem!important}
table.plain td,table.plain th:not(:first-child){text-align:right;font-variant-numeric:tabular-nums}
.place{color:var(--text)}
th .place{color:var(--soft)}
.into{padding:0 .25em;color:var(--soft)}
del,ins{text-decoration:none;border-radius:3px;padding:.05em .2em;-webkit-box-decoration-break:clone;box-decoration-break:clone;unicode-bidi:isolate}
del{color:var(--del);background:var(--del-bg)}
ins{color:var(--ins);background:var(--ins-bg)}
.sign{font-family:var(--mono);font-size:.85em;margin-right:.25em;user-select:none}
.words .sign{margin-right:.1em}
.gone{text-decoration:line-through;text-decoration-thickness:1px}
del a,ins a{color:inherit}
.arrow{color:var(--soft);padding:0 .4em}
.pair{display:inline}
.value,.block,.words,.lines{unicode-bidi:isolate;white-space:pre-wrap}
.value.number,.value.boolean,.block,.lines{font-family:var(--mono);font-size:.88em}
.block{display:block}
.boxed{display:flex;gap:.3em;border-radius:5px;padding:.35rem .6rem}
.boxed .block{flex:1;min-width:0}
.words{display:block}
.lines{display:block;border:1px solid var(--line);border-radius:5px;padding:.35rem 0;overflow-x:auto}
.line{display:block;border-radius:0;padding:0 .6rem}
.line .sign{display:inline-block;width:1.4em;margin:0;font-size:inherit}
.line.same{padding-left:calc(.6rem + 1.4em)}
.cut,.none,.note{color:var(--soft)}
.none{font-style:italic}
del .none,ins .none{color:inherit}
.note{display:block;font-size:.84rem}
.whole{font-size:.87rem}
.hidden-value{color:var(--soft);background:var(--chip);border-radius:3px;padding:.05em .4em;font-size:.9em}
.more{margin:.35rem 0 0;font-size:.9rem}
.filter,.inline,.confirm{display:flex;flex-wrap:wrap;gap:.7rem;align-items:flex-end;margin:0 0 1.2rem}
.confirm{margin-top:1.2rem}
button{white-space:nowrap}
.field{display:flex;flex-direction:column;gap:.2rem;min-width:8.5rem}
.grow{flex:1 1 14rem}
.field label{font-size:.84rem;color:var(--soft)}
.check{flex-direction:row;align-items:center;align-self:flex-end;min-height:2.3rem;gap:.45rem}
input,select,button,.button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--strong);border-radius:6px;padding:.35rem .6rem;min-height:2.3rem;max-width:100%}
input[type=checkbox]{min-height:0;width:1.1rem;height:1.1rem;margin:0;accent-color:var(--accent)}
input:not([type=checkbox]),select{width:100%}
::placeholder{color:var(--soft);opacity:1}
button{background:var(--accent);border-color:var(--accent);color:var(--on-accent);font-weight:600;cursor:pointer;padding:.35rem 1rem}
button.danger{background:var(--card);color:var(--danger);border-color:var(--danger)}
.button{display:inline-block;text-decoration:none;color:var(--link)}
.buttons{display:flex;gap:1rem;align-items:center}
.more-filters{flex:1 1 100%;order:1}
.more-filters[open]{order:0}
.buttons{order:0}
summary{cursor:pointer;color:var(--link);width:fit-content;font-size:.9rem}
.fields{display:flex;flex-wrap:wrap;gap:.7rem;margin-top:.5rem}
.fields .field{flex:1 1 10rem}
.fields .fields{flex:1 1 100%;margin:0}
.fields .moment{flex:0 1 16rem;min-width:14rem}
.fields .check{flex:0 1 auto}
.notice{border:1px solid var(--line);background:var(--card);border-radius:8px;padding:.9rem 1rem;margin:1rem 0}
.notice-title{font-weight:600;margin:0}
.notice.warning{background:var(--warn-bg);color:var(--warn);border-color:currentColor}
.notice.warning .place{color:inherit}
.notice ul{margin:.4rem 0 0;padding-left:1.2rem}
.looked{color:var(--soft)}
.pager,.steps{display:flex;flex-wrap:wrap;gap:.5rem 1.2rem;align-items:center;margin:1.2rem 0 0}
.pager{justify-content:space-between}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.2rem;margin:0}
.facts dt{color:var(--soft)}
.facts dd{margin:0;min-width:0}
.chart{margin:1rem 0 1.4rem;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1rem}
.chart svg{display:block;width:100%;height:6rem}
.chart rect{fill:var(--accent)}
.chart line{stroke:var(--line)}
.axis{display:flex;justify-content:space-between;color:var(--soft);font-size:.84rem;margin-top:.3rem}
figcaption{color:var(--soft);font-size:.9rem;margin:.4rem 0}
.mismatch{margin:0}
.scroll{overflow-x:auto}
@media (max-width:40rem){
table.changes,table.changes tbody,table.changes th,table.changes td,table.values,table.values tbody,table.values tr,table.values th,table.values td{display:block;width:auto!important}
table.changes thead,table.values thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table.values th,.ruled th{padding-bottom:0!important}
table.values td,.ruled td{border-top:0!important;padding-top:.1rem!important}
table.changes tr{display:flex;flex-wrap:wrap;gap:0 .6rem;align-items:baseline}
table.changes th{min-width:6.5rem;max-width:100%}
table.changes td{flex:1 1 auto;max-width:100%;padding-bottom:.25rem}
caption:not(.sr){display:block}
table.changes colgroup{display:none}
table.values td:not(:last-child){padding-bottom:0!important}
.viewer{margin-left:0}
.field.grow,.buttons,.inline .field,.inline button,.fields .field{flex:1 1 100%}
.filter>.field{flex:1 1 40%;min-width:0}.filter>.grow{flex-basis:100%}
.check{flex:1 1 100%}
.facts{grid-template-columns:1fr;gap:0}
.facts dd{margin-bottom:.5rem}
.entry{padding:.75rem .8rem}
}
@media (min-width:40.01rem){.filter .more-filters{order:2}.filter .more-filters[open]{order:0}}
@media (forced-colors:active){del,ins{border:1px solid}.chart rect{fill:CanvasText}}
`;
