import {
  type Block,
  type Content,
  type PrintedDocument,
  type Span,
  saidBy,
} from '@halligan/document';
import { html, type Markup, type Part } from './markup.ts';
import { STYLE } from './report-style.ts';

/**
 * A document as one HTML file: no network, no script. Every value is escaped, and what people wrote is kept apart from
 * the page around it: it may run from right to left.
 */
export function htmlOf(document: PrintedDocument): string {
  const { kind, practice, title, subtitle, closing } = document;
  const page = html`<!doctype html>
<html lang="${document.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${kind} ${saidBy(title)} — ${document.running}</title>
<style>${STYLE}</style>
</head>
<body>
<header class="${practice === true ? 'drill' : 'real'}">
<p class="kind">${kind}</p>
<h1>${spans(title)}</h1>
${subtitle.map((line) => html`<p class="sub">${spans(line)}</p>\n`)}</header>
<main>
${sections(document.blocks)}</main>
${closing === undefined ? undefined : html`<footer><p>${spans(closing)}</p></footer>\n`}</body>
</html>
`;
  return page.toString();
}

/** A heading and what stands under it, until the next. */
function sections(blocks: readonly Block[]): readonly Part[] {
  const found: { head: Part; body: Part[] }[] = [];
  for (const block of blocks) {
    if (block.type === 'heading') found.push({ head: html`<h2>${block.text}</h2>`, body: [] });
    else {
      const last = found.at(-1);
      if (last === undefined) found.push({ head: undefined, body: [blockOf(block)] });
      else last.body.push(blockOf(block));
    }
  }
  return found.map(({ head, body }) => html`<section>${head}${body}</section>\n`);
}

function blockOf(block: Block): Part {
  switch (block.type) {
    case 'heading':
    case 'page':
      return undefined;
    case 'paragraph':
      return html`<p class="text">${spans(block.content)}</p>`;
    case 'list':
      return items(block.items);
    case 'facts':
      return html`<dl>${block.rows.map(
        ({ label, value }) =>
          html`<div><dt>${label}</dt><dd>${value.length > 1 ? items(value) : html`<p>${spans(value[0] ?? ['—'])}</p>`}</dd></div>`,
      )}</dl>`;
    case 'lines':
      return html`<ol>${block.lines.map(
        ({ content, below = [] }) =>
          html`<li><p class="text">${spans(content)}</p>${below.length === 0 ? undefined : items(below)}</li>`,
      )}</ol>`;
    case 'table':
      return html`<table><thead><tr>${block.columns.map((head) => html`<th>${head}</th>`)}</tr></thead><tbody>${block.rows.map(
        (row) =>
          html`<tr>${row.map((cell, at) => html`<td data-head="${block.columns[at] ?? ''}">${spans(cell)}</td>`)}</tr>`,
      )}</tbody></table>`;
    case 'code':
      return html`<pre>${block.lines.join('\n')}</pre>`;
  }
}

function items(contents: readonly Content[]): Markup {
  return html`<ul>${contents.map((content) => html`<li>${spans(content)}</li>`)}</ul>`;
}

function spans(content: Content): readonly Part[] {
  return content.map(spanOf);
}

function spanOf(span: Span): Part {
  if (typeof span === 'string') return span;
  switch (span.type) {
    case 'written':
      return html`<bdi dir="auto">${span.text}</bdi>`;
    case 'code':
      return html`<code>${span.text}</code>`;
    case 'soft':
      return html`<span class="by">${spans(span.content)}</span>`;
    case 'time':
      return html`<time datetime="${span.instant}">${span.text}</time>`;
    case 'verdict':
      return html`<span class="${span.good ? 'yes' : 'no'}">${span.text}</span>`;
  }
}
