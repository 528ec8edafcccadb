import { z } from '@hono/zod-openapi'
import { etag, expectedVersion, IfMatchHeader } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, pageOf } from '../../platform/http/paging.ts'
import {
  refusals,
  refusalsOfChange,
  refusalsOfConditionalChange,
  refusalsOfObject,
} from '../../platform/http/problem.ts'
import { AreaImport, ImportAreas } from './area-import-schemas.ts'
import { changeCommunityGroup } from './change-community-group.ts'
import { changeStation } from './change-station.ts'
import { type AreaRow, createArea } from './create-area.ts'
import { createCommunityGroup } from './create-community-group.ts'
import { createStation, type StationRow } from './create-station.ts'
import { importAreas } from './import-areas.ts'
import { getArea, listAreas } from './list-areas.ts'
import { type CommunityGroupRow, getCommunityGroup, listCommunityGroups } from './list-community-groups.ts'
import { type GridTeamRow, getGridTeam, listGridTeams } from './list-grid-teams.ts'
import { getStation, listStations } from './list-stations.ts'
import { Area, AreasQuery, CreateArea } from './schemas.ts'
import { setGridPost } from './set-grid-post.ts'
import {
  ChangeCommunityGroup,
  ChangeStation,
  CommunityGroup,
  CommunityGroupsQuery,
  CreateCommunityGroup,
  CreateStation,
  GridPost,
  GridTeam,
  GridTeamsQuery,
  SetGridPost,
  Station,
  StationsQuery,
} from './station-schemas.ts'

const tags = ['communities']
const IdParam = z.object({ id: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/areas',
      operationId: 'createArea',
      summary: 'Add an area to the tree',
      tags,
      request: { headers: IdempotencyHeader, body: body(CreateArea) },
      responses: { 201: json('Added', Area), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await createArea(ctx, c.req.valid('json'))
        return { body: toArea(row), status: 201, headers: { Location: `/v1/areas/${row.id}` } }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/areas',
      operationId: 'listAreas',
      summary: 'List areas',
      tags,
      request: { query: AreasQuery },
      responses: { 200: json('A page', pageOf(Area)), ...refusals },
    },
    async (c) => c.json(mapPage(await listAreas(c.get('ctx'), c.req.valid('query')), toArea), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/areas/{id}',
      operationId: 'getArea',
      summary: 'Read one area',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The area', Area), ...refusalsOfObject },
    },
    async (c) => c.json(toArea(await getArea(c.get('ctx'), c.req.valid('param').id)), 200),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/areas/import',
      operationId: 'importAreas',
      summary: 'Import areas with outlines and population from GeoJSON',
      tags,
      request: { headers: IdempotencyHeader, body: body(ImportAreas) },
      responses: { 200: json('Imported; the notes list every flaw', AreaImport), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => ({
        body: await importAreas(ctx, c.req.valid('json')),
        status: 200,
      })),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/stations',
      operationId: 'createStation',
      summary: 'Make a location of the catalog a station',
      tags,
      request: { headers: IdempotencyHeader, body: body(CreateStation) },
      responses: { 201: json('Created', Station), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await createStation(ctx, c.req.valid('json'))
        const headers = { Location: `/v1/stations/${row.id}`, ...etag(row.version) }
        return { body: toStation(row), status: 201, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/stations',
      operationId: 'listStations',
      summary: 'List stations',
      tags,
      request: { query: StationsQuery },
      responses: { 200: json('A page', pageOf(Station)), ...refusals },
    },
    async (c) => c.json(mapPage(await listStations(c.get('ctx'), c.req.valid('query')), toStation), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/stations/{id}',
      operationId: 'getStation',
      summary: 'Read one station',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The station', Station), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getStation(c.get('ctx'), c.req.valid('param').id)
      return c.json(toStation(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'put',
      path: '/v1/stations/{id}',
      operationId: 'changeStation',
      summary: 'Change a station',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(ChangeStation) },
      responses: { 200: json('Changed', Station), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { ...c.req.valid('json'), id: c.req.valid('param').id, expectedVersion: version }
      const row = await changeStation(c.get('ctx'), wanted)
      return c.json(toStation(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/community-groups',
      operationId: 'createCommunityGroup',
      summary: 'Join communities that share a regional station',
      tags,
      request: { headers: IdempotencyHeader, body: body(CreateCommunityGroup) },
      responses: { 201: json('Created', CommunityGroup), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await createCommunityGroup(ctx, c.req.valid('json'))
        const headers = { Location: `/v1/community-groups/${row.id}`, ...etag(row.version) }
        return { body: toCommunityGroup(row), status: 201, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/community-groups',
      operationId: 'listCommunityGroups',
      summary: 'List joint communities',
      tags,
      request: { query: CommunityGroupsQuery },
      responses: { 200: json('A page', pageOf(CommunityGroup)), ...refusals },
    },
    async (c) =>
      c.json(mapPage(await listCommunityGroups(c.get('ctx'), c.req.valid('query')), toCommunityGroup), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/community-groups/{id}',
      operationId: 'getCommunityGroup',
      summary: 'Read one joint community',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The group', CommunityGroup), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getCommunityGroup(c.get('ctx'), c.req.valid('param').id)
      return c.json(toCommunityGroup(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'put',
      path: '/v1/community-groups/{id}',
      operationId: 'changeCommunityGroup',
      summary: 'Change a joint community and its shares',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(ChangeCommunityGroup) },
      responses: { 200: json('Changed', CommunityGroup), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { ...c.req.valid('json'), id: c.req.valid('param').id, expectedVersion: version }
      const row = await changeCommunityGroup(c.get('ctx'), wanted)
      return c.json(toCommunityGroup(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/grids',
      operationId: 'listGridTeams',
      summary: 'List the teams of grids, all or those with vacant posts',
      tags,
      request: { query: GridTeamsQuery },
      responses: { 200: json('A page', pageOf(GridTeam)), ...refusals },
    },
    async (c) => c.json(mapPage(await listGridTeams(c.get('ctx'), c.req.valid('query')), toGridTeam), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/grids/{id}',
      operationId: 'getGridTeam',
      summary: 'Read the team of one grid',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The team', GridTeam), ...refusalsOfObject },
    },
    async (c) => c.json(toGridTeam(await getGridTeam(c.get('ctx'), c.req.valid('param').id)), 200),
  ),
  defineRoute(
    {
      method: 'put',
      path: '/v1/grids/{id}/posts/{post}',
      operationId: 'setGridPost',
      summary: 'Say that a post of a grid is filled or vacant',
      tags,
      request: { params: IdParam.extend({ post: GridPost }), body: body(SetGridPost) },
      responses: { 200: json('The team', GridTeam), ...refusalsOfChange },
    },
    async (c) => {
      const { id: gridId, post } = c.req.valid('param')
      const team = await setGridPost(c.get('ctx'), { gridId, post, ...c.req.valid('json') })
      return c.json(toGridTeam(team), 200)
    },
  ),
] as const

function toArea(row: AreaRow): Area {
  const { id, parentId, kind, code, name, latitude, longitude, population } = row
  const point = latitude === null || longitude === null ? null : { latitude, longitude }
  return { id, parentId, kind, code, name, point, population }
}

function toStation(row: StationRow): Station {
  return { ...row, createdAt: row.createdAt.toISOString() }
}

function toCommunityGroup(row: CommunityGroupRow): CommunityGroup {
  return { ...row, createdAt: row.createdAt.toISOString() }
}

function toGridTeam({ posts, ...grid }: GridTeamRow): GridTeam {
  const vacancies = posts.filter(({ state }) => state === 'vacant').length
  const wire = posts.map((post) => ({ ...post, changedAt: post.changedAt?.toISOString() ?? null }))
  return { ...grid, posts: wire, vacancies }
}
