/**
 * Asks every HSDS endpoint for everything, page by page and in every variant, and validates every answer against the
 * official schemas. Works on any directory: hand it the application's `request`, or a `fetch` of a server.
 */
import type { ValidateFunction } from 'ajv'
import { type SchemaName, validatorOf } from './official-schemas.ts'

export type Request = (
  path: string,
  init?: { method: string; body: string; headers: Record<string, string> },
) => Response | Promise<Response>

export interface Conformance {
  /** Answers validated. */
  responses: number
  /** Objects in them. */
  objects: number
  /** Objects of each collection. */
  totals: Record<string, number>
}

interface Variant {
  asked: Record<string, string>
  schema: SchemaName
}

interface Collection {
  path: string
  variants: Variant[]
  /** How each object is asked for by itself. */
  single: Variant[]
  /** The UK endpoints take no POST. */
  post: boolean
}

const plain = (schema: SchemaName): Variant => ({ asked: {}, schema })
const variant = (asked: string, schema: SchemaName): Variant => ({ asked: { [asked]: 'true' }, schema })

const COLLECTIONS: Collection[] = [
  {
    path: '/hsds/services',
    variants: [plain('service_list'), variant('full', 'service'), variant('minimal', 'minimal')],
    single: [plain('service')],
    post: true,
  },
  {
    path: '/hsds/organizations',
    variants: [
      plain('organization_list'),
      variant('full', 'organization'),
      variant('full_service', 'organization'),
    ],
    single: [plain('organization'), variant('full_service', 'organization')],
    post: true,
  },
  {
    path: '/hsds/service_at_locations',
    variants: [plain('service_at_location_list'), variant('full', 'service_at_location')],
    single: [plain('service_at_location')],
    post: true,
  },
  {
    path: '/hsds/taxonomies',
    variants: [plain('taxonomy')],
    single: [plain('taxonomy')],
    post: true,
  },
  {
    path: '/hsds/taxonomy_terms',
    variants: [plain('taxonomy_term')],
    single: [plain('taxonomy_term')],
    post: true,
  },
  {
    path: '/hsds/uk/services',
    variants: [plain('service_list')],
    single: [plain('service')],
    post: false,
  },
  {
    path: '/hsds/uk/service_at_locations',
    variants: [plain('service_at_location_list')],
    single: [plain('service_at_location')],
    post: false,
  },
  { path: '/hsds/uk/taxonomies', variants: [plain('taxonomy')], single: [plain('taxonomy')], post: false },
  {
    path: '/hsds/uk/taxonomy_terms',
    variants: [plain('taxonomy_term')],
    single: [plain('taxonomy_term')],
    post: false,
  },
]

/**
 * @param perPage Small ones make many pages, large ones are faster.
 * @param every Of the objects of a collection, one in so many is asked for by itself.
 * @param fullTwins Whether nested lists are asked for as NDJSON and by POST too, not only by GET.
 * @throws Error that names the first answers that don't conform, and why.
 */
export async function validateEverything(
  request: Request,
  {
    perPage = 50,
    every = 1,
    fullTwins = true,
  }: { perPage?: number; every?: number; fullTwins?: boolean } = {},
): Promise<Conformance> {
  const walk = new Walk(request, perPage, fullTwins)
  for (const root of ['/hsds/', '/hsds/uk/']) walk.check('root', await walk.get(root), root)
  for (const collection of COLLECTIONS) {
    const ids = await walk.lists(collection)
    walk.totals[collection.path] = ids.length
    for (const id of ids.filter((_, at) => at % every === 0)) {
      for (const { asked, schema } of collection.single) {
        const path = `${collection.path}/${id}${queryOf(asked)}`
        const object = await walk.get(path)
        walk.check(schema, object, path)
        walk.demand(object.id === id, path, 'is another object')
      }
    }
  }
  walk.finish()
  const { responses, objects, totals } = walk
  return { responses, objects, totals }
}

const queryOf = (asked: Record<string, string>) => {
  const query = new URLSearchParams(asked).toString()
  return query === '' ? '' : `?${query}`
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the server answers
type Json = any

class Walk {
  readonly #request: Request
  readonly #perPage: number
  readonly #fullTwins: boolean
  readonly #failures: string[] = []
  readonly totals: Record<string, number> = {}
  responses = 0
  objects = 0

  constructor(request: Request, perPage: number, fullTwins: boolean) {
    this.#request = request
    this.#perPage = perPage
    this.#fullTwins = fullTwins
  }

  /** Walks a collection in every variant, all of which must list the same objects in the same order. */
  async lists({ path, variants, post }: Collection): Promise<string[]> {
    const orders: { how: string; ids: string[] }[] = []
    for (const { asked, schema } of variants) {
      const how = `${path}${queryOf(asked)}`
      orders.push({ how, ids: await this.#pages(how, schema, (page) => this.#getPage(path, asked, page)) })
      if (!this.#fullTwins && Object.keys(asked).length > 0) continue
      orders.push({ how: `${how} as ndjson`, ids: await this.#lines(path, asked, schema) })
      if (!post) continue
      const ids = await this.#pages(`POST ${how}`, schema, (page) => this.#postPage(path, asked, page))
      orders.push({ how: `POST ${how}`, ids })
    }
    const [first] = orders
    for (const { how, ids } of orders) {
      this.demand(ids.join() === first!.ids.join(), how, `lists other objects than ${first!.how}`)
    }
    this.demand(new Set(first!.ids).size === first!.ids.length, first!.how, 'lists an object twice')
    return first!.ids
  }

  #getPage(path: string, asked: Record<string, string>, page: number): Promise<Json> {
    return this.get(`${path}${queryOf({ ...asked, page: `${page}`, per_page: `${this.#perPage}` })}`)
  }

  async #postPage(path: string, asked: Record<string, string>, page: number): Promise<Json> {
    const flags = Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, value === 'true']))
    const body = JSON.stringify({ ...flags, page, per_page: this.#perPage })
    const headers = { 'content-type': 'application/json' }
    return this.#read(await this.#request(path, { method: 'POST', body, headers }), `POST ${path} ${body}`)
  }

  async #pages(how: string, schema: SchemaName, get: (page: number) => Promise<Json>): Promise<string[]> {
    const ids: string[] = []
    for (let page = 1; ; page++) {
      const answer = await get(page)
      const where = `${how} page ${page}`
      this.check('page', answer, where)
      this.#envelope(answer, page, where)
      for (const object of answer.contents ?? []) {
        this.check(schema, object, `${where} ${object.id}`)
        ids.push(object.id)
      }
      if (answer.last_page !== false) {
        this.demand(ids.length === answer.total_items, where, `${ids.length} listed of ${answer.total_items}`)
        return ids
      }
    }
  }

  #envelope(answer: Json, page: number, where: string): void {
    const { total_items, total_pages, page_number, size, first_page, last_page, empty, contents } = answer
    const holds =
      page_number === page &&
      size === contents?.length &&
      first_page === (page === 1) &&
      last_page === page >= total_pages &&
      empty === (size === 0) &&
      total_pages === Math.ceil(total_items / this.#perPage)
    this.demand(
      holds,
      where,
      `has an envelope that contradicts itself: ${JSON.stringify({ ...answer, contents: [] })}`,
    )
  }

  async #lines(path: string, asked: Record<string, string>, schema: SchemaName): Promise<string[]> {
    const where = `${path}${queryOf({ ...asked, format: 'ndjson' })}`
    const response = await this.#request(where)
    this.responses += 1
    const type = response.headers.get('content-type') ?? ''
    this.demand(response.status === 200 && type.startsWith('application/x-ndjson'), where, `answers ${type}`)
    const lines = (await response.text()).split('\n').filter((line) => line !== '')
    return lines.map((line) => {
      const object = JSON.parse(line)
      this.check(schema, object, `${where} ${object.id}`)
      return object.id as string
    })
  }

  async get(path: string): Promise<Json> {
    return this.#read(await this.#request(path), path)
  }

  async #read(response: Response, where: string): Promise<Json> {
    this.responses += 1
    this.demand(response.headers.get('access-control-allow-origin') === '*', where, 'has no CORS header')
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${where}: ${response.status} ${text}`)
    return JSON.parse(text)
  }

  check(schema: SchemaName, value: unknown, where: string): void {
    this.objects += 1
    const validate: ValidateFunction = validatorOf(schema)
    if (validate(value)) return
    const reasons = validate
      .errors!.slice(0, 3)
      .map(({ instancePath, message }) => `${instancePath} ${message}`)
    this.demand(false, where, `is not a ${schema}: ${reasons.join('; ')}`)
  }

  demand(holds: boolean, where: string, otherwise: string): void {
    if (holds) return
    this.#failures.push(`${where}: ${otherwise}`)
    if (this.#failures.length >= 20) this.finish()
  }

  finish(): void {
    if (this.#failures.length > 0) throw new Error(`Not conformant:\n${this.#failures.join('\n')}`)
  }
}
