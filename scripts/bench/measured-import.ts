/** One import with its time and its memory, in the process that calls this. */
import { withGround } from '../../src/cli/open-ground.ts'
import { getImport } from '../../src/features/feeds/list-imports.ts'
import { performImport } from '../../src/features/feeds/perform-import.ts'
import type { KindCounts } from '../../src/features/feeds/schemas.ts'
import { orderImport } from '../../src/features/feeds/start-import.ts'
import { SYSTEM } from '../../src/features/identity/permissions.ts'
import { createContext, inTransaction } from '../../src/platform/context.ts'

export interface MeasuredImport {
  seconds: number
  /** Of these, until all records were staged. */
  readingSeconds: number
  /** Most memory that the process had resident, threads included. */
  peakMb: number
  total: KindCounts
  offerings: number
  flaws: { kept: number; refused: number }
}

/** Imports the directory at `path` as the feed `bench`, into the database that the settings name. */
export function measureImport(path: string): Promise<MeasuredImport> {
  return withGround(async (ground) => {
    const ctx = createContext({ ...ground, actor: SYSTEM })
    const start = performance.now()
    let staged = start
    const source = { format: 'tabular' as const, path }
    const { id } = await inTransaction(ctx, (ctx) =>
      orderImport(ctx, { feed: 'bench', source, content: null, map: null, dryRun: false, attended: true }),
    )
    await performImport(ctx, id, {
      signal: new AbortController().signal,
      onProgress: ({ phase }) => {
        if (phase === 'applying') staged = performance.now()
      },
      finish: async (work) => {
        await inTransaction(ctx, work)
        return true
      },
    })
    const end = performance.now()
    const { result, failure } = await getImport(ctx, id)
    if (!result) throw new Error(failure ?? 'The import has no result.')
    return {
      seconds: (end - start) / 1000,
      readingSeconds: (staged - start) / 1000,
      peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
      total: result.total,
      offerings: result.offerings,
      flaws: result.flaws,
    }
  })
}
