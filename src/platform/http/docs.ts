/** The reference page at /docs: Scalar's browser file served by us, and a policy that lets nothing call outside. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Hono } from 'hono'
import type { Env } from './router.ts'

/** Scalar draws with inline styles and reads pictures from data URLs; scripts come from this server alone. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const CONFIGURATION = {
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
}

/** No inline script: the browser file finds the element, its `data-url` and its configuration by itself. */
const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Lifecircle API</title><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
<body>
<script id="api-reference" type="application/json" data-url="/openapi.json" data-configuration='${JSON.stringify(CONFIGURATION)}'></script>
<script src="/docs/scalar.js"></script>
</body>
</html>`

export function mountDocs(app: Hono<Env>): void {
  let script: Promise<string> | null = null
  app.get('/docs', (c) => c.html(PAGE, 200, { 'Content-Security-Policy': CONTENT_SECURITY_POLICY }))
  app.get('/docs/scalar.js', async (c) => {
    script ??= readFile(scalarFile(), 'utf8')
    return c.body(await script, 200, {
      'Content-Type': 'text/javascript; charset=utf-8',
      'Cache-Control': 'public, max-age=86400',
    })
  })
}

/** The build carries a copy, so that a deployment needs no development packages. */
function scalarFile(): string {
  if (!import.meta.url.endsWith('.ts'))
    return fileURLToPath(new URL('../../assets/scalar.js', import.meta.url))
  return createRequire(import.meta.url).resolve('@scalar/api-reference/browser/standalone.js')
}
