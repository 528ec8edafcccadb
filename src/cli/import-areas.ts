/** `lifecircle import areas <file.geojson>`: the tree of areas from GeoJSON, every feature accounted for. */
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import type { z } from 'zod'
import { AREA_MAPS, AreaMap } from '../features/communities/area-maps.ts'
import { importAreas } from '../features/communities/import-areas.ts'
import { SYSTEM } from '../features/identity/permissions.ts'
import { createContext } from '../platform/context.ts'
import { Refusal } from '../platform/errors.ts'
import { parseInput } from '../platform/parse-input.ts'
import { BadInput } from './bad-input.ts'
import { nameOf, readText } from './input-file.ts'
import { withGround } from './open-ground.ts'

/**
 * Imports the file, and the files beside it that the map joins, and prints one JSON object.
 *
 * @param map name of a map we know, or path of a JSON or YAML file with one.
 */
export async function importAreaFile(path: string, { map }: { map: string }): Promise<void> {
  const { kind, parentKind, join: further, ...first } = await readMap(map)
  const files = [path, ...further.map(({ file }) => join(dirname(path), file))]
  const maps = [first, ...further.map(({ file: _file, ...rest }) => rest)]
  const layers = []
  for (const [at, file] of files.entries()) {
    layers.push({ map: maps[at]!, collection: parsed(file, await readText(file), JSON.parse) })
  }
  const input = { kind, parentKind, layers } as Parameters<typeof importAreas>[1]
  await withGround(async (ground) => {
    const ctx = createContext({ ...ground, actor: SYSTEM })
    const { layers: counts, ...report } = await namingFiles(files, () => importAreas(ctx, input))
    const counted = counts.map((count, at) => ({ file: files[at], ...count }))
    process.stdout.write(`${JSON.stringify({ ...report, layers: counted })}\n`)
  })
}

async function readMap(name: string): Promise<z.output<typeof AreaMap>> {
  const known = Object.hasOwn(AREA_MAPS, name) ? AREA_MAPS[name] : undefined
  const given = known ?? parsed(name, await readText(name), parse)
  return namingFiles([name], async () => parseInput(AreaMap, given))
}

/** @throws BadInput where the text is not what its reader takes. */
function parsed(path: string, text: string, read: (text: string) => unknown): unknown {
  try {
    return read(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new BadInput(`${nameOf(path)} cannot be read: ${(error as Error).message}.`)
  }
}

/** A refusal of an input that came from a file says which file. */
async function namingFiles<T>(files: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'invalid_input') throw error
    const [, layer] = /^\/layers\/(\d+)\//.exec(error.errors[0]?.pointer ?? '') ?? []
    throw new BadInput(`${nameOf(files[Number(layer ?? 0)]!)} is not valid: ${error.message}`)
  }
}
