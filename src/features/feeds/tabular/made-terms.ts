/** Classifications that a source keeps in tables or lists of its own and HSDS 3 keeps as terms of a taxonomy. */
import type { RawRecord } from '../feed-item.ts'
import { beside, type PackageMemory } from './table-shape.ts'

interface Classified {
  taxonomy: { id: string; name: string }
  linkType: string
  entity: 'service' | 'organization' | 'location'
  ownerId: string
  term: string
  /** Text of its own, where the term says only what it is about. */
  value?: string
  /** Of the attribute; made of owner and term when absent. */
  sourceId?: string
}

/** An attribute that says it, with the term and the taxonomy when they are named for the first time. */
export function classified(main: RawRecord, memory: PackageMemory, what: Classified): RawRecord[] {
  const { taxonomy, linkType, entity, ownerId, term, value } = what
  const termId = `${taxonomy.id}:${term.toLowerCase()}`
  const made: RawRecord[] = []
  if (!memory.terms.has(taxonomy.id)) {
    memory.terms.add(taxonomy.id)
    made.push(beside(main, 'taxonomy', taxonomy.id, { name: taxonomy.name, description: taxonomy.name }))
  }
  if (!memory.terms.has(termId)) {
    memory.terms.add(termId)
    const fields = { name: term, description: term, taxonomy: taxonomy.name }
    made.push(beside(main, 'taxonomy_term', termId, fields, { taxonomy_id: taxonomy.id }))
  }
  const attribute = beside(
    main,
    'attribute',
    what.sourceId ?? `${ownerId}#${termId}`,
    { link_type: linkType, link_entity: entity, ...(value !== undefined && { value }) },
    { link_id: ownerId, taxonomy_term_id: termId },
  )
  return [...made, attribute]
}
