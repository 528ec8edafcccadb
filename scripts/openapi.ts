/**
 * Writes openapi/openapi.json and the typed client's schema from the routes.
 *
 *   npm run openapi           writes both
 *   npm run openapi:check     fails when the committed document is not what the routes say, and compiles the client
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openapiDocument } from '../src/app.ts'

const DOCUMENT = new URL('../openapi/openapi.json', import.meta.url)
const CLIENT = fileURLToPath(new URL('../openapi/client', import.meta.url))

const document = `${JSON.stringify(openapiDocument(), null, 2)}\n`

if (process.argv.includes('--check')) {
  if (readFileSync(DOCUMENT, 'utf8') !== document) {
    process.stderr.write('openapi/openapi.json is not what the routes say. Run: npm run openapi\n')
    process.exit(1)
  }
} else {
  writeFileSync(DOCUMENT, document)
}
execFileSync('npm', ['run', '--silent', 'build'], { cwd: CLIENT, stdio: 'inherit' })
