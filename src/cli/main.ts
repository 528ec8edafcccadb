#!/usr/bin/env node
/** The command line: `lifecircle <command>`. Results go to standard output, everything else to standard error. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { ENCODINGS } from '../features/feeds/tabular/encoding.ts'
import { Role, Sector } from '../features/identity/schemas.ts'
import { Refusal } from '../platform/errors.ts'
import { BadInput } from './bad-input.ts'

const program = new Command('lifecircle').description(
  'Pairs residents’ needs with community services under budgets and capacity.',
)

program
  .command('serve')
  .description('serve the API and perform jobs (PORT, HOST, DATABASE_URL, REDIS_URL)')
  .option('--no-api', 'only perform jobs: a worker')
  .option('--no-jobs', 'only answer requests: workers perform the jobs')
  .action(async (options: { api: boolean; jobs: boolean }) => (await import('./serve.ts')).serve(options))

program
  .command('demo')
  .description('import a district, draw its residents, match them, show who gets what and why')
  .option(
    '--from <dir>',
    'a directory with the Taipei long-term-care data, instead of the generated district',
  )
  .option('--district <name>', 'district of the directory (default: 大安區)')
  .option('--city', 'all districts of the directory')
  .option('--residents <n>', 'how many residents to draw', positiveInteger, 5000)
  .option('--seed <n>', 'seed of every draw', naturalNumber, 1)
  .option('--rounds <n>', 'rounds of the engine', positiveInteger, 150)
  .option('--no-match', 'only load the data and write the keys')
  .option('--json', 'print the result as one JSON object on the last line')
  .action(async (options) => (await import('./demo/run-demo.ts')).runDemo(options))

program
  .command('solve')
  .description('solve a problem file (.json, .ndjson, .lcp) and write a certified result')
  .argument('<problem>', 'the file, or - for standard input')
  .option('--out <file>', 'where the result goes, instead of standard output')
  .option('--rounds <n>', 'effort: rounds of improvement; pricing follows', positiveInteger, 150)
  .option('--seconds <n>', 'stop after so many seconds, with what has been found', positiveNumber)
  .option('--gap <percent>', 'stop when value and bound are no further apart', positiveNumber)
  .option('--seed <n>', 'seed of every tie break and every random move', naturalNumber, 1)
  .option(
    '--threads <n>',
    'threads to use; the result is the same; default: one per processor',
    positiveInteger,
  )
  .action(async (problem, options) => (await import('./solve.ts')).solveFile(problem, options))

program
  .command('certify')
  .description('prove a result: feasible, and its value and bound are right; exit code 1 if not')
  .argument('<problem>', 'the problem file, or - for standard input')
  .argument('<result>', 'the result file, or - for standard input')
  .action(async (problem, result) => (await import('./certify.ts')).certifyFiles(problem, result))

program
  .command('replay')
  .description(
    'solve a run once more from what it read; exit code 1 unless the same comes out, byte for byte',
  )
  .argument('<run>', 'id of the run', uuid)
  .action(async (run) => (await import('./replay.ts')).replayById(run))

program
  .command('migrate')
  .description('bring the database schema up to date')
  .action(async () => (await import('./maintenance.ts')).migrateDatabase())

program
  .command('reconcile')
  .description('recompute every account from its transfers and compare')
  .action(async () => (await import('./maintenance.ts')).reconcileBook())

const imports = program.command('import').description('take data in, every row accounted for')
imports
  .command('areas')
  .description('areas with outlines and population from GeoJSON; prints what came in and every flaw')
  .argument('<file>', 'a FeatureCollection of polygons')
  .option('--map <map>', 'which property holds what: plain, taipei-villages, or a JSON or YAML file', 'plain')
  .action(async (file, options) => (await import('./import-areas.ts')).importAreaFile(file, options))
feedOptions(
  imports
    .command('hsds')
    .description('a directory of services: HSDS 1 to 3 as tables, JSON or NDJSON, a live HSDS API, Ohana')
    .argument('<source>', 'a directory, a .zip, .json, .ndjson or .csv file, or an http(s) address')
    .option('--map <file>', 'column map (YAML or JSON) for tables that are no HSDS'),
).action(async (source, options) => (await import('./import.ts')).importFeed(source, options))
feedOptions(
  imports
    .command('csv')
    .description('any delimited tables, through a column map')
    .argument('<source>', 'a directory, a .zip or one file')
    .requiredOption('--map <file>', 'column map (YAML or JSON)'),
).action(async (source, options) => (await import('./import.ts')).importFeed(source, options))

program
  .command('export')
  .description('give the directory out')
  .command('hsds')
  .description('every record as an HSDS 3.1 data package with our Profile; confidential places stay hidden')
  .argument('<target>', 'a directory for CSV files, a .zip of them, or a .json file')
  .action(async (target) => (await import('./export.ts')).exportHsds(target))

const keys = program.command('keys').description('API keys')
keys
  .command('issue')
  .description('make an organization, a principal and a key for a role; the key is printed once')
  .requiredOption('--role <role>', `one of ${Role.options.join(', ')}`, roleName)
  .option('--name <name>', 'name of the organization', 'Lifecircle')
  .action(async (options) => (await import('./maintenance.ts')).issueKeyFor(options))

const audit = program.command('audit').description('the audit log')
audit
  .command('verify')
  .description('seal what is new, then recompute the chain of seals')
  .action(async () => (await import('./maintenance.ts')).verifyAuditLog())

function feedOptions(command: Command): Command {
  return command
    .option('--feed <name>', 'name of the feed; default: the source’s')
    .addOption(new Option('--encoding <name>', 'of tables, instead of finding out').choices(ENCODINGS))
    .addOption(new Option('--sector <sector>', 'of organizations that name none').choices(Sector.options))
    .option('--dry-run', 'only say what would change')
    .option('--report <file>', 'write the quarantine report: .csv or .ndjson')
    .option('--json', 'print one JSON object, on a terminal too')
}

function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1 on.')
  return Number(text)
}

function positiveNumber(text: string): number {
  if (!/^\d{1,9}(\.\d+)?$/.test(text) || Number(text) === 0) {
    throw new InvalidArgumentError('Give a number above 0.')
  }
  return Number(text)
}

function naturalNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 0 on.')
  return Number(text)
}

function uuid(text: string): string {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)) throw new InvalidArgumentError('Give an id.')
  return text.toLowerCase()
}

function roleName(text: string): Role {
  const role = Role.safeParse(text)
  if (!role.success) throw new InvalidArgumentError(`Roles are ${Role.options.join(', ')}.`)
  return role.data
}

// Whoever reads our output may stop early, as `head` does: nothing is wrong then.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error instanceof BadInput ? 2 : 1
}
