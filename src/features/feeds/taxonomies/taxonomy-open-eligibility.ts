/** The Open Eligibility taxonomy (http://openeligibility.org), in the two forms it goes about in: XML and JSON. */
import { JsonError } from '../../../engine/strict-json.ts'
import type { FeedItem } from '../feed-item.ts'
import { unreadable } from '../json/json-document.ts'
import { isObject } from '../json/json-flatten.ts'
import { parseJson, shown } from '../json/json-values.ts'
import { countTerms, numberTerms, type Taxonomy, type TermNode, taxonomyItems } from './taxonomy-tree.ts'
import { parseXml, type XmlElement, XmlError } from './taxonomy-xml-reader.ts'

/** Characters of a document; the whole taxonomy has 32,000. */
const LONGEST = 16 * 1024 * 1024

const LEVEL = /^(top|second|third|fourth|fifth|sixth)_level$/

/** Services and situations are two facets with terms of their own: two taxonomies. */
const taxonomyOf = (facet: string, line: number, terms: TermNode[], version?: string): Taxonomy => ({
  sourceId: `open-eligibility:${facet}`,
  name: `Open Eligibility: ${facet}`,
  ...(version && { version }),
  line,
  terms,
})

/**
 * The taxonomies and terms of `taxonomy.xml`; the descriptions of categories go to the terms of the same id. Elements
 * that have no place in a taxonomy are flaws. Places name lines, or ordinals of terms where terms share a line.
 * @throws Refusal `invalid_input` with the line, for what is not XML or not this taxonomy.
 */
export function* readOpenEligibilityXml(file: string, text: string): Generator<FeedItem> {
  const root = parse(file, text, parseXml)
  if (root.name !== 'taxonomy')
    throw unreadable({ file, line: root.line }, `begins with <${root.name}>, not <taxonomy>`)
  const flaws: FeedItem[] = []
  const version = root.children.find(({ name }) => name === 'version')?.text
  const facets: { facet: XmlElement; terms: TermNode[] }[] = []
  for (const facet of root.children) {
    if (facet.name === 'version' || facet.name === 'update_date') continue
    if (facet.name !== 'services' && facet.name !== 'situations') flaws.push(stray(file, facet))
    else facets.push({ facet, terms: termsOf(file, facet, flaws) })
  }
  const all = facets.flatMap(({ terms }) => terms)
  numberTerms(all)
  const taken = new Set<string>()
  for (const { facet, terms } of facets) {
    yield* taxonomyItems(file, taxonomyOf(facet.name, facet.line, terms, version), taken)
  }
  yield* flaws
  yield { rows: { file, rows: countTerms(all) } }
}

function termsOf(file: string, facet: XmlElement, flaws: FeedItem[]): TermNode[] {
  const descriptions = new Map<string, XmlElement>()
  for (const list of facet.children.filter(({ name }) => name === 'descriptions')) {
    for (const entry of list.children) {
      const { id } = entry.attributes
      if (entry.name !== 'category' || !id || descriptions.has(id)) flaws.push(stray(file, entry))
      else descriptions.set(id, entry)
    }
  }
  const node = ({ attributes, children, line }: XmlElement): TermNode => {
    const code = attributes.id?.trim() || null
    const described = code === null ? undefined : descriptions.get(code)
    if (described) descriptions.delete(code!)
    return {
      code,
      name: attributes.title?.trim() ?? '',
      ...(described && { description: described.text }),
      line,
      children: levels(children),
    }
  }
  const levels = (elements: XmlElement[]): TermNode[] =>
    elements.flatMap((element) => {
      if (LEVEL.test(element.name)) return [node(element)]
      if (element.name !== 'descriptions') flaws.push(stray(file, element))
      return []
    })
  const terms = levels(facet.children)
  for (const left of descriptions.values()) flaws.push(stray(file, left))
  return terms
}

function stray(file: string, { name, line, attributes, text }: XmlElement): FeedItem {
  const reason = `<${name}> has no place in the taxonomy: dropped with all it holds`
  const value = attributes.title ?? text
  return { flaw: { place: { file, line }, field: name, reason, value: shown(value), outcome: 'kept' } }
}

/**
 * The taxonomy and terms of the JSON form (`{"taxonomy": {"top_level": [{"@id", "@title", "second_level": […]}]}}`),
 * which has the services alone. Lines are the ordinals of terms, in the order of the document.
 * @throws Refusal `invalid_input` for what is not JSON or not this taxonomy.
 */
export function* readOpenEligibilityJson(file: string, text: string): Generator<FeedItem> {
  const document = parse(file, text, parseJson)
  const root = isObject(document) ? document.taxonomy : undefined
  if (!isObject(root)) throw unreadable({ file, line: 1 }, 'has no object "taxonomy"')
  const flaws: FeedItem[] = []
  let ordinal = 0
  const terms = (parent: Record<string, unknown>): TermNode[] =>
    Object.entries(parent).flatMap(([name, value]) => {
      if (name === '@id' || name === '@title') return []
      if (LEVEL.test(name)) return ([value].flat() as unknown[]).map(node)
      flaws.push(flaw(file, ordinal, name, 'has no place in the taxonomy: dropped', value))
      return []
    })
  const node = (value: unknown): TermNode => {
    const line = ++ordinal
    if (!isObject(value)) return { code: null, name: '', line, children: [] }
    const { '@id': id, '@title': title } = value
    return { code: textOf(id) || null, name: textOf(title), line, children: terms(value) }
  }
  const tree = terms(root)
  yield* taxonomyItems(file, taxonomyOf('services', 1, tree))
  yield* flaws
  yield { rows: { file, rows: countTerms(tree) } }
}

function flaw(file: string, line: number, field: string, reason: string, value: unknown): FeedItem {
  return { flaw: { place: { file, line }, field, reason, value: shown(value), outcome: 'kept' } }
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''

function parse<Value>(file: string, text: string, parser: (text: string) => Value): Value {
  if (text.length > LONGEST) throw unreadable({ file, line: 1 }, 'has more than 16 Mi characters')
  try {
    return parser(text)
  } catch (error) {
    if (error instanceof XmlError) throw unreadable({ file, line: error.line }, error.message)
    if (error instanceof JsonError) throw unreadable({ file, line: 1 }, error.message)
    throw error
  }
}
