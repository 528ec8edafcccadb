/** `npm run build`: compiles src to dist and puts what is not code beside it. */
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const at = (path: string) => new URL(`../${path}`, import.meta.url)

rmSync(at('dist'), { recursive: true, force: true })
execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' })
cpSync(at('src/platform/db/migrations'), at('dist/platform/db/migrations'), { recursive: true })
cpSync(at('src/features/feeds/maps'), at('dist/features/feeds/maps'), { recursive: true })
mkdirSync(at('dist/assets'))
cpSync(
  createRequire(import.meta.url).resolve('@scalar/api-reference/browser/standalone.js'),
  at('dist/assets/scalar.js'),
)
chmodSync(at('dist/cli/main.js'), 0o755)
