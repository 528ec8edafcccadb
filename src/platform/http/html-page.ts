/** Small pages for people: no script, nothing from elsewhere, nothing kept, nothing indexed. */
import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { html, raw } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Env } from './router.ts'

/** A template that escapes whatever is put into it. */
export { html }

/** A piece of a page, escaped. */
export type Html = ReturnType<typeof html>

/** Large letters and large buttons: many who read it are old, and hold a phone. */
const STYLE = [
  'body{font:1.25rem/1.5 system-ui,sans-serif;max-width:34rem;margin:0 auto;padding:1rem;color:#111;background:#fff}',
  'h1{font-size:1.5rem}dt{font-weight:600}dd{margin:0 0 .75rem}form{margin:1.25rem 0}',
  'fieldset{border:1px solid #767676;border-radius:.5rem;margin:0 0 .75rem}label{display:block;padding:.35rem 0}',
  'input{width:1.25rem;height:1.25rem;vertical-align:middle}',
  'button{font:inherit;width:100%;padding:.75rem;border:2px solid #0b57d0;border-radius:.5rem;color:#fff;background:#0b57d0}',
  // A page with a table is wider, and prints on A4 with its head on every sheet.
  'body:has(table){max-width:60rem;font-size:1rem}table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:600}',
  'th,td{border-bottom:1px solid #767676;padding:.25rem .5rem;text-align:left;overflow-wrap:anywhere}tbody th{font-weight:400}',
  'td{text-align:right;white-space:nowrap}tfoot{font-weight:600}',
  '@page{size:A4;margin:15mm}@media print{body,body:has(table){max-width:none;padding:0;font-size:9pt}thead{display:table-header-group}tfoot{display:table-row-group}tr{break-inside:avoid}}',
  'button.quiet{color:#0b57d0;background:#fff}nav{font-size:1rem}nav a{margin-right:1rem;color:#0b57d0}',
].join('')

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex, nofollow',
}

export interface PageContent {
  /** As `lang` has it: `en`, `zh-Hans`, `zh-Hant`. */
  language: string
  title: string
  main: Html
}

/** Answers with a page. */
export function answerPage(
  c: Context<Env>,
  status: ContentfulStatusCode,
  { language, title, main }: PageContent,
): Response | Promise<Response> {
  const page = html`<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex, nofollow"><title>${title}</title><link rel="icon" href="data:,"><style>${raw(STYLE)}</style></head>
<body><main><h1>${title}</h1>
${main}
</main></body>
</html>`
  return c.html(page, status, { ...HEADERS, 'Content-Language': language })
}
