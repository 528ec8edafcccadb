import {
  type AnyPgColumn,
  doublePrecision,
  index,
  jsonb,
  pgEnum,
  pgTable,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { id, instant } from '../../platform/db/columns.ts'
import type { Population } from './schemas.ts'

export const areaKind = pgEnum('area_kind', ['district', 'subdistrict', 'community', 'grid'])

/** The tree of areas: district → subdistrict → community → grid. */
export const areas = pgTable(
  'areas',
  {
    id: id(),
    parentId: uuid('parent_id').references((): AnyPgColumn => areas.id),
    kind: areaKind('kind').notNull(),
    /** Official code of the area, unique in the deployment. */
    code: text('code').notNull().unique('areas_code'),
    name: text('name').notNull(),
    latitude: doublePrecision('latitude'),
    longitude: doublePrecision('longitude'),
    population: jsonb('population').$type<Population>(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('areas_parent').on(table.parentId)],
)
