/** Fails when the tables say something that no migration does: `npm run migrations:check`. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MIGRATIONS = join(ROOT, 'src/platform/db/migrations')

const copy = mkdtempSync(join(tmpdir(), 'lifecircle-migrations-'))
try {
  cpSync(MIGRATIONS, copy, { recursive: true })
  const before = readdirSync(copy).length
  const out = relative(ROOT, copy)
  execFileSync(
    'npx',
    [
      'drizzle-kit',
      'generate',
      '--dialect',
      'postgresql',
      '--schema',
      './src/**/tables.ts',
      '--out',
      out,
      '--name',
      'drift',
    ],
    { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  if (readdirSync(copy).length > before) {
    process.stderr.write(
      'The tables have changed without a migration. Run: npm run migrations -- --name <what>\n',
    )
    process.exitCode = 1
  }
} finally {
  rmSync(copy, { recursive: true })
}
