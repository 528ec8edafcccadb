/** Style is a test that reads the tree: every rule that keeps the project in shape, each with its reason. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FLOW } from '../src/flow.ts'

const ROOT = resolve(import.meta.dirname, '..')

interface SourceFile {
  path: string
  text: string
  /** Paths of imported project files, and names of imported packages. */
  imports: string[]
}

function readTree(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes('node_modules') && !path.endsWith('schema.d.ts'))
    .map(readSource)
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!)
  const imports = specifiers.map((name) => (name.startsWith('.') ? join(dirname(path), name) : name))
  return { path, text, imports }
}

const SOURCES = readTree('src')
const EVERYTHING = [...SOURCES, ...readTree('test'), ...readTree('scripts'), ...readTree('openapi')]
const ORDER: string[] = FLOW.map(({ name }) => name)

const featureOf = (path: string) => /^src\/features\/([^/]+)\//.exec(path)?.[1]

/** One line per offence, so that the failure says what to change. */
function offences(files: SourceFile[], find: (file: SourceFile) => string[]): string[] {
  return files.flatMap((file) => find(file).map((what) => `${file.path}: ${what}`))
}

const importsOf = (pattern: RegExp) => (file: SourceFile) =>
  file.imports.filter((name) => pattern.test(name)).map((name) => `imports ${name}`)

const outside = (...allowed: RegExp[]) =>
  SOURCES.filter(({ path }) => !allowed.some((rule) => rule.test(path)))

describe('data flows one way', () => {
  test('every feature folder stands in FLOW', () => {
    const folders = readdirSync(join(ROOT, 'src/features'))
    expect(folders.sort()).toEqual([...ORDER].sort())
  })

  test('the engine imports only the engine', () => {
    const engine = SOURCES.filter(({ path }) => path.startsWith('src/engine/'))
    expect(offences(engine, importsOf(/^(?!src\/engine\/)/))).toEqual([])
  })

  test('the platform knows no feature', () => {
    const platform = SOURCES.filter(({ path }) => path.startsWith('src/platform/'))
    expect(offences(platform, importsOf(/^src\/(?!platform\/)/))).toEqual([])
  })

  test('a feature imports the engine, the platform, and features to its left', () => {
    const features = SOURCES.filter(({ path }) => featureOf(path))
    const found = offences(features, (file) => {
      const own = ORDER.indexOf(featureOf(file.path)!)
      return file.imports
        .filter((name) => name.startsWith('src/'))
        .filter((name) => {
          if (/^src\/(engine|platform)\//.test(name)) return false
          const feature = featureOf(name)
          return !feature || ORDER.indexOf(feature) > own
        })
        .map((name) => `imports ${name}`)
    })
    expect(found).toEqual([])
  })

  test('no import cycle, type imports included', () => {
    const graph = new Map(
      SOURCES.map(({ path, imports }) => [path, imports.filter((name) => name.startsWith('src/'))]),
    )
    expect(findCycle(graph)).toBeNull()
  })
})

function findCycle(graph: Map<string, string[]>): string[] | null {
  const state = new Map<string, 'open' | 'done'>()
  const path: string[] = []
  const visit = (node: string): string[] | null => {
    if (state.get(node) === 'done') return null
    if (state.get(node) === 'open') return [...path.slice(path.indexOf(node)), node]
    state.set(node, 'open')
    path.push(node)
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next)
      if (cycle) return cycle
    }
    path.pop()
    state.set(node, 'done')
    return null
  }
  for (const node of graph.keys()) {
    const cycle = visit(node)
    if (cycle) return cycle
  }
  return null
}

describe('each library has its place', () => {
  test('hono: routes, platform/http, app', () => {
    const files = outside(/^src\/features\/[^/]+\/routes\.ts$/, /^src\/platform\/http\//, /^src\/app\.ts$/)
    expect(offences(files, importsOf(/^hono(\/|$)/))).toEqual([])
  })

  test('drizzle: tables, verbs, and the platform’s own tables', () => {
    const files = outside(
      /\/tables\.ts$/,
      /^src\/platform\/(db|ledger|audit|events|http|jobs)\//,
      /^src\/app\.ts$/,
    )
    const found = offences(files, (file) => {
      // A verb takes the context (or the database, to find out who is asking); a pure file has neither.
      const isVerb = /(function \w+(<[^>]*>)?\(\s*(ctx|db|outer)\b|perform\(ctx)/.test(file.text)
      return isVerb ? [] : importsOf(/^drizzle-orm/)(file)
    })
    expect(found).toEqual([])
  })

  test('bullmq: platform/jobs', () => {
    expect(offences(outside(/^src\/platform\/jobs\//), importsOf(/^bullmq/))).toEqual([])
  })

  test('the environment: platform/config', () => {
    const reads = (file: SourceFile) => (/process\.env\b/.test(file.text) ? ['reads process.env'] : [])
    expect(offences(outside(/^src\/platform\/config\.ts$/), reads)).toEqual([])
  })

  test('the clock: platform/context', () => {
    const reads = (file: SourceFile) =>
      [...file.text.matchAll(/new Date\(\)|Date\.now\(\)/g)].map(([call]) => call)
    expect(offences(outside(/^src\/platform\/context\.ts$/), reads)).toEqual([])
  })

  test('chance is seeded', () => {
    const draws = (file: SourceFile) => (file.text.includes('Math.random') ? ['Math.random'] : [])
    expect(offences(SOURCES, draws)).toEqual([])
  })
})

describe('files are small and say what they hold', () => {
  test('no utils, helpers, common, types, barrels', () => {
    const vague = (file: SourceFile) =>
      /\/(utils?|helpers?|common|types|index|misc|shared)\.tsx?$/.test(file.path)
        ? ['a name that says nothing']
        : []
    const barrel = (file: SourceFile) => (/^export \* from/m.test(file.text) ? ['re-exports everything'] : [])
    expect(offences(EVERYTHING, (file) => [...vague(file), ...barrel(file)])).toEqual([])
  })

  test('no default exports, configuration files aside', () => {
    const found = (file: SourceFile) => (/^export default\b/m.test(file.text) ? ['export default'] : [])
    expect(offences(EVERYTHING, found)).toEqual([])
  })

  test('at most 400 lines a file', () => {
    const long = (file: SourceFile) => {
      const lines = file.text.split('\n').length - 1
      return lines > 400 ? [`${lines} lines`] : []
    }
    expect(offences(SOURCES, long)).toEqual([])
  })

  test('at most 10 lines a handler', () => {
    const routes = SOURCES.filter(({ path }) => path.endsWith('/routes.ts'))
    expect(routes.length).toBeGreaterThan(0)
    expect(offences(routes, longHandlers)).toEqual([])
  })

  test('operationIds are names of verbs, once each', () => {
    const ids = SOURCES.flatMap(({ text }) =>
      [...text.matchAll(/operationId: '(\w+)'/g)].map((match) => match[1]!),
    )
    expect(ids.length).toBe(new Set(ids).size)
    const features = SOURCES.filter(({ path }) => featureOf(path) && !path.endsWith('/routes.ts'))
    const missing = ids.filter(
      (id) =>
        !features.some(({ text }) =>
          new RegExp(`export (async function|function|const) ${id}\\b`).test(text),
        ),
    )
    expect(missing).toEqual([])
  })
})

/** The formatter indents a handler by four spaces, or two in a list, and closes the route two spaces before it. */
function longHandlers({ text }: SourceFile): string[] {
  const found: string[] = []
  const lines = text.split('\n')
  lines.forEach((line, start) => {
    const indent = /^( +)(async )?\(c\) =>/.exec(line)?.[1]?.length
    if (indent === undefined) return
    const end = lines.findIndex((other, at) => at > start && new RegExp(`^ {0,${indent - 2}}\\)`).test(other))
    if (end - start > 10) found.push(`line ${start + 1}: a handler of ${end - start} lines`)
  })
  return found
}

describe('anybody can install it', () => {
  test('the lock names every platform’s optional packages', () => {
    // `npm install` leaves out those that the registry at hand does not have, and `npm ci` then refuses the lock.
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>
    }
    const locked = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')))
    const missing = Object.values(packages)
      .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
      .filter((name) => !locked.has(name))
    expect(missing).toEqual([])
  })
})

describe('what is written speaks of the project alone', () => {
  test('no path of a machine', () => {
    const found = (file: SourceFile) =>
      [...file.text.matchAll(/["'`](\/(home|root|work|Users)\/[^"'`]*)/g)].map((match) => match[1]!)
    expect(offences(EVERYTHING, found)).toEqual([])
  })
})
