/** From a tree of terms to the records of a taxonomy. */
import { createHash } from 'node:crypto'
import type { FeedItem, Place } from '../feed-item.ts'

/** One term as the source has it. */
export interface TermNode {
  /** The source's code; null where it gives none. */
  code: string | null
  name: string
  description?: string
  line: number
  children: TermNode[]
}

export interface Taxonomy {
  sourceId: string
  name: string
  version?: string
  line: number
  terms: TermNode[]
}

/**
 * The taxonomy and all its terms, parents before children, each term with its parent. A term without a name is refused
 * with everything below it; one without a code, or with a code that another term has already, is kept under an id made
 * from its place in the tree.
 */
export function* taxonomyItems(
  file: string,
  taxonomy: Taxonomy,
  taken = new Set<string>(),
): Generator<FeedItem> {
  const { sourceId, name, version, line, terms } = taxonomy
  const fields = { name, ...(version && { version }) }
  yield { record: { kind: 'taxonomy', sourceId, fields, links: {}, place: { file, line } } }
  const tree = { file, taxonomy, taken }
  for (const term of terms) yield* termItems(tree, term, null)
}

interface Tree {
  file: string
  taxonomy: Taxonomy
  /** Codes used so far, also by other taxonomies of the file. */
  taken: Set<string>
}

function* termItems(tree: Tree, term: TermNode, parentId: string | null): Generator<FeedItem> {
  const place = { file: tree.file, line: term.line }
  if (term.name === '') {
    yield* refuseAll(tree.file, term)
    return
  }
  const sourceId = yield* idOf(tree, term, parentId, place)
  const { name, code, description } = term
  yield {
    record: {
      kind: 'taxonomy_term',
      sourceId,
      fields: {
        ...(code !== null && { code }),
        name,
        ...(description && { description }),
        taxonomy: tree.taxonomy.name,
      },
      links: { taxonomy_id: tree.taxonomy.sourceId, ...(parentId !== null && { parent_id: parentId }) },
      place,
      row: true,
    },
  }
  for (const child of term.children) yield* termItems(tree, child, sourceId)
}

function* idOf(
  tree: Tree,
  term: TermNode,
  parentId: string | null,
  place: Place,
): Generator<FeedItem, string> {
  if (term.code !== null && !tree.taken.has(term.code)) {
    tree.taken.add(term.code)
    return term.code
  }
  const reason =
    term.code === null
      ? 'a term without a code: its id is made from its place in the tree'
      : `another term has the code ${term.code} already: the id is made from its place in the tree`
  yield { flaw: { place, field: 'code', reason, value: term.name, outcome: 'kept' } }
  const content = JSON.stringify([tree.taxonomy.sourceId, parentId, term.code, term.name])
  return `made-${createHash('sha256').update(content).digest('hex').slice(0, 32)}`
}

function* refuseAll(file: string, term: TermNode): Generator<FeedItem> {
  const place = { file, line: term.line }
  yield { flaw: { place, field: 'name', reason: 'a term without a name', outcome: 'refused' } }
  for (const child of term.children) yield* refuseBelow(file, child)
}

function* refuseBelow(file: string, term: TermNode): Generator<FeedItem> {
  const place = { file, line: term.line }
  const reason = 'stands below a term that is refused'
  yield { flaw: { place, field: null, reason, value: term.name, outcome: 'refused' } }
  for (const child of term.children) yield* refuseBelow(file, child)
}

/** How many terms there are, all levels counted. */
export function countTerms(terms: readonly TermNode[]): number {
  return terms.reduce((sum, { children }) => sum + 1 + countTerms(children), 0)
}

/** Gives every term its ordinal for its line, unless each stands on a line of its own: the row accounts need that. */
export function numberTerms(terms: readonly TermNode[]): void {
  const all: TermNode[] = []
  const collect = (nodes: readonly TermNode[]) => {
    for (const node of nodes) {
      all.push(node)
      collect(node.children)
    }
  }
  collect(terms)
  if (new Set(all.map(({ line }) => line)).size === all.length) return
  all.forEach((node, index) => {
    node.line = index + 1
  })
}
