import type { Context } from '../../platform/context.ts'
import { permit } from '../identity/permissions.ts'
import { type Listing, listRecords, showing, showRecord } from './list-records.ts'
import type { Nested } from './nest.ts'
import { filtered } from './record-filters.ts'
import type { TaxonomiesQuery, TaxonomyTermsQuery } from './schemas.ts'
import { fullView, listView } from './views.ts'

const FULL_TAXONOMY = fullView('taxonomy')
const FULL_TERM = fullView('taxonomy_term')

/** Taxonomies by themselves. */
export async function listTaxonomies(ctx: Context, asked: TaxonomiesQuery): Promise<Listing> {
  permit(ctx, 'directory.read')
  const where = await filtered(ctx, 'taxonomy', asked)
  return listRecords(ctx, { kind: 'taxonomy', where, show: showing(listView) }, asked)
}

/** The same, asked for in a body. */
export const searchTaxonomies = listTaxonomies

/**
 * One taxonomy.
 * @throws Refusal `not_found`.
 */
export async function getTaxonomy(ctx: Context, { id }: { id: string }): Promise<Nested> {
  permit(ctx, 'directory.read')
  return showRecord(ctx, 'taxonomy', id, FULL_TAXONOMY)
}

/** Terms, each with its taxonomy. */
export async function listTaxonomyTerms(ctx: Context, asked: TaxonomyTermsQuery): Promise<Listing> {
  permit(ctx, 'directory.read')
  const where = await filtered(ctx, 'taxonomy_term', asked)
  return listRecords(ctx, { kind: 'taxonomy_term', where, show: showing(listView) }, asked)
}

/** The same, asked for in a body. */
export const searchTaxonomyTerms = listTaxonomyTerms

/**
 * One term with its taxonomy.
 * @throws Refusal `not_found`.
 */
export async function getTaxonomyTerm(ctx: Context, { id }: { id: string }): Promise<Nested> {
  permit(ctx, 'directory.read')
  return showRecord(ctx, 'taxonomy_term', id, FULL_TERM)
}
