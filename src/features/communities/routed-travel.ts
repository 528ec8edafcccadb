/** `TravelTime` by a router of the deployment's own: OSRM's table service, or Valhalla's matrix. */
import { z } from 'zod'
import type { StreetRouter } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import type { Point } from './schemas.ts'
import type { TravelTime } from './travel-time.ts'

/** Both engines refuse more than 2,500 pairs by default (OSRM 100 places, Valhalla 2,500 pairs). */
const PLACES_PER_SIDE = 50
const TIMEOUT_MS = 10_000

export interface RoutedTravelOptions {
  /** Speed on the ways that the router finds. */
  metersPerSecond: number
  timeoutMs?: number
}

type Matrix = (number | null)[][]

/** What differs between the engines: the request, and what its answer means in minutes. */
interface Protocol {
  request(origins: readonly Point[], destinations: readonly Point[]): { path: string; body?: object }
  /** @throws ZodError where the answer is not what the engine's documentation says. */
  minutes(answer: unknown): Matrix
}

/**
 * Asks the router in batches, one after the other.
 * @param router.url base address; OSRM's `/table/v1/foot/…` or Valhalla's `/sources_to_targets` lie below it.
 */
export function routedTravel(router: StreetRouter, options: RoutedTravelOptions): TravelTime {
  const protocol = router.engine === 'osrm' ? osrm(options) : valhalla(options)
  const base = router.url.replace(/\/+$/, '')
  return {
    async matrix(origins, destinations) {
      const rows: Matrix = origins.map(() => [])
      for (const from of batches(origins)) {
        for (const to of batches(destinations)) {
          const { path, body } = protocol.request(from.places, to.places)
          const answer = await ask(`${base}${path}`, body, options.timeoutMs ?? TIMEOUT_MS)
          const part = readMatrix(() => protocol.minutes(answer), from.places.length, to.places.length)
          part.forEach((row, at) => {
            rows[from.start + at]!.push(...row)
          })
        }
      }
      return rows
    },
  }
}

function batches(places: readonly Point[]): { start: number; places: readonly Point[] }[] {
  const parts = []
  for (let start = 0; start < places.length; start += PLACES_PER_SIDE) {
    parts.push({ start, places: places.slice(start, start + PLACES_PER_SIDE) })
  }
  return parts
}

/** Numbers from 0 on; null where the engine finds no way. */
const Cells = z.array(z.array(z.number().min(0).nullable()))

const OsrmTable = z.object({ code: z.literal('Ok'), durations: Cells, distances: Cells.optional() })

/**
 * Distances are asked for too: the profile walks at one speed, and the policy names another for each class of
 * mobility. Servers that give none (before 5.20) are taken at their durations.
 */
function osrm({ metersPerSecond }: RoutedTravelOptions): Protocol {
  return {
    request(origins, destinations) {
      const places = [...origins, ...destinations].map(
        ({ longitude, latitude }) => `${longitude},${latitude}`,
      )
      const numbers = places.map((_, at) => at)
      const sources = numbers.slice(0, origins.length).join(';')
      const targets = numbers.slice(origins.length).join(';')
      const query = `sources=${sources}&destinations=${targets}&annotations=duration,distance`
      return { path: `/table/v1/foot/${places.join(';')}?${query}` }
    },
    minutes(answer) {
      const { durations, distances } = OsrmTable.parse(answer)
      const seconds = distances ? eachCell(distances, (meters) => meters / metersPerSecond) : durations
      return eachCell(seconds, (value) => value / 60)
    },
  }
}

const ValhallaMatrix = z.object({
  sources_to_targets: z.array(z.array(z.object({ time: z.number().min(0).nullable() }))),
})

/** Kilometers an hour; Valhalla puts its own speed in the place of a slower one. */
const SLOWEST = 0.5

function valhalla({ metersPerSecond }: RoutedTravelOptions): Protocol {
  const speed = metersPerSecond * 3.6
  const asked = Math.max(SLOWEST, speed)
  const place = ({ latitude, longitude }: Point) => ({ lat: latitude, lon: longitude })
  return {
    request: (origins, destinations) => ({
      path: '/sources_to_targets',
      body: {
        sources: origins.map(place),
        targets: destinations.map(place),
        costing: 'pedestrian',
        costing_options: { pedestrian: { walking_speed: asked } },
      },
    }),
    minutes(answer) {
      const rows = ValhallaMatrix.parse(answer).sources_to_targets
      return rows.map((row) => row.map(({ time }) => (time === null ? null : (time / 60) * (asked / speed))))
    },
  }
}

function eachCell(matrix: Matrix, change: (value: number) => number): Matrix {
  return matrix.map((row) => row.map((value) => (value === null ? null : change(value))))
}

/** @throws Refusal `unavailable`: no answer in time, an error, or no JSON. */
async function ask(url: string, body: object | undefined, timeoutMs: number): Promise<unknown> {
  try {
    const answer = await fetch(url, {
      signal: AbortSignal.timeout(timeoutMs),
      // A router that sends its visitors elsewhere is not the one that was set.
      redirect: 'error',
      ...(body && {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    })
    if (!answer.ok) throw new Error(`status ${answer.status}`)
    return await answer.json()
  } catch (cause) {
    throw unavailable('The router of LIFECIRCLE_TRAVEL_URL does not answer.', cause)
  }
}

function readMatrix(read: () => Matrix, rows: number, columns: number): Matrix {
  try {
    const matrix = read()
    if (matrix.length === rows && matrix.every((row) => row.length === columns)) return matrix
    throw new Error(`${rows} × ${columns} figures were expected`)
  } catch (cause) {
    throw unavailable('The router of LIFECIRCLE_TRAVEL_URL answers what nobody asked.', cause)
  }
}

function unavailable(sentence: string, cause: unknown): Refusal {
  return new Refusal('unavailable', sentence, { cause })
}
