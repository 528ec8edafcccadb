CREATE TYPE "public"."address_of" AS ENUM('station', 'person');--> statement-breakpoint
CREATE TYPE "public"."capacity_status" AS ENUM('capacity', 'no-capacity', 'waitlist', 'additional-assessment-required');--> statement-breakpoint
CREATE TYPE "public"."change_request_state" AS ENUM('pending', 'approved', 'rejected', 'superseded');--> statement-breakpoint
CREATE TYPE "public"."price_type" AS ENUM('free', 'fixed', 'per_unit', 'sliding');--> statement-breakpoint
CREATE TYPE "public"."location_visibility" AS ENUM('public', 'confidential');--> statement-breakpoint
CREATE TYPE "public"."grid_post" AS ENUM('grid_leader', 'grid_assistant', 'police_officer', 'social_worker', 'health_worker');--> statement-breakpoint
CREATE TYPE "public"."post_state" AS ENUM('filled', 'vacant');--> statement-breakpoint
CREATE TYPE "public"."station_level" AS ENUM('regional', 'community', 'neighborhood');--> statement-breakpoint
CREATE TYPE "public"."directory_kind" AS ENUM('organization', 'program', 'service', 'service_at_location', 'location', 'address', 'phone', 'contact', 'schedule', 'funding', 'service_area', 'required_document', 'language', 'accessibility', 'attribute', 'taxonomy', 'taxonomy_term', 'metadata', 'meta_table_description', 'cost_option', 'organization_identifier', 'url', 'service_capacity', 'unit');--> statement-breakpoint
CREATE TYPE "public"."flaw_outcome" AS ENUM('kept', 'refused');--> statement-breakpoint
CREATE TYPE "public"."import_state" AS ENUM('queued', 'running', 'done', 'failed');--> statement-breakpoint
CREATE TABLE "change_requests" (
	"id" uuid PRIMARY KEY NOT NULL,
	"offering_id" uuid NOT NULL,
	"changes" jsonb NOT NULL,
	"reason" text NOT NULL,
	"proposed_by" uuid NOT NULL,
	"proposer_id" uuid NOT NULL,
	"proposer_role" text NOT NULL,
	"state" "change_request_state" NOT NULL,
	"decided_by" uuid,
	"decided_at" timestamp (3) with time zone,
	"decision_reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "offering_assurances" (
	"offering_id" uuid PRIMARY KEY NOT NULL,
	"what" text NOT NULL,
	"assured_version" integer NOT NULL,
	"assured_by" uuid NOT NULL,
	"principal_id" uuid NOT NULL,
	"assured_at" timestamp (3) with time zone NOT NULL,
	"lapses_at" timestamp (3) with time zone NOT NULL,
	"lapsed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "offering_capacities" (
	"offering_id" uuid NOT NULL,
	"period" text NOT NULL,
	"maximum" bigint NOT NULL,
	"funded" bigint,
	"status" "capacity_status" NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "offering_capacities_offering_id_period_pk" PRIMARY KEY("offering_id","period"),
	CONSTRAINT "offering_capacities_maximum" CHECK ("offering_capacities"."maximum" >= 0),
	CONSTRAINT "offering_capacities_funded" CHECK ("offering_capacities"."funded" between 0 and "offering_capacities"."maximum")
);
--> statement-breakpoint
CREATE TABLE "area_outlines" (
	"area_id" uuid PRIMARY KEY NOT NULL,
	"outline" jsonb NOT NULL,
	"west" double precision NOT NULL,
	"east" double precision NOT NULL,
	"south" double precision NOT NULL,
	"north" double precision NOT NULL
);
--> statement-breakpoint
CREATE TABLE "community_groups" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"station_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "community_groups_one_per_station" UNIQUE("station_id")
);
--> statement-breakpoint
CREATE TABLE "grid_posts" (
	"area_id" uuid NOT NULL,
	"post" "grid_post" NOT NULL,
	"state" "post_state" NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "grid_posts_area_id_post_pk" PRIMARY KEY("area_id","post")
);
--> statement-breakpoint
CREATE TABLE "station_shares" (
	"group_id" uuid NOT NULL,
	"area_id" uuid NOT NULL,
	"share" integer NOT NULL,
	"sub_area" text,
	CONSTRAINT "station_shares_group_id_area_id_pk" PRIMARY KEY("group_id","area_id"),
	CONSTRAINT "station_shares_share" CHECK ("station_shares"."share" between 0 and 10000)
);
--> statement-breakpoint
CREATE TABLE "stations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"location_id" uuid NOT NULL,
	"area_id" uuid NOT NULL,
	"level" "station_level" NOT NULL,
	"name" text NOT NULL,
	"agents" integer NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "stations_location" UNIQUE("location_id"),
	CONSTRAINT "stations_agents" CHECK ("stations"."agents" >= 0)
);
--> statement-breakpoint
CREATE TABLE "directory_records" (
	"kind" "directory_kind" NOT NULL,
	"id" uuid NOT NULL,
	"feed_id" uuid,
	"organization_id" uuid,
	"program_id" uuid,
	"service_id" uuid,
	"location_id" uuid,
	"service_at_location_id" uuid,
	"contact_id" uuid,
	"phone_id" uuid,
	"taxonomy_id" uuid,
	"taxonomy_term_id" uuid,
	"parent_id" uuid,
	"link_id" uuid,
	"resource_id" uuid,
	"unit_id" uuid,
	"parent_organization_id" uuid,
	"fields" jsonb NOT NULL,
	"digest" text NOT NULL,
	"position" bigserial NOT NULL,
	"modified_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "directory_records_identity" PRIMARY KEY("kind","id")
);
--> statement-breakpoint
CREATE TABLE "feeds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"organization_id" uuid,
	"source" jsonb NOT NULL,
	"own_source_id" text,
	"sector" "sector",
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "feeds_name" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "import_flaws" (
	"import_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"file" text NOT NULL,
	"line" integer NOT NULL,
	"field" text,
	"reason" text NOT NULL,
	"value" text,
	"outcome" "flaw_outcome" NOT NULL,
	CONSTRAINT "import_flaws_in_order" PRIMARY KEY("import_id","ordinal")
);
--> statement-breakpoint
CREATE TABLE "imports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"feed_id" uuid NOT NULL,
	"source" jsonb NOT NULL,
	"content" text,
	"map" json,
	"dry_run" boolean NOT NULL,
	"attended" boolean NOT NULL,
	"state" "import_state" NOT NULL,
	"progress" jsonb NOT NULL,
	"result" jsonb,
	"failure" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "staged_records" (
	"ordinal" bigint NOT NULL,
	"kind" "directory_kind" NOT NULL,
	"id" uuid NOT NULL,
	"organization_id" uuid,
	"program_id" uuid,
	"service_id" uuid,
	"location_id" uuid,
	"service_at_location_id" uuid,
	"contact_id" uuid,
	"phone_id" uuid,
	"taxonomy_id" uuid,
	"taxonomy_term_id" uuid,
	"parent_id" uuid,
	"link_id" uuid,
	"resource_id" uuid,
	"unit_id" uuid,
	"parent_organization_id" uuid,
	"fields" jsonb NOT NULL,
	"digest" text NOT NULL,
	"file" text NOT NULL,
	"line" integer NOT NULL,
	"is_row" boolean NOT NULL,
	"is_repeat" boolean NOT NULL,
	"is_united" boolean NOT NULL,
	"refusal" text
);
--> statement-breakpoint
ALTER TABLE "locations" ADD COLUMN "visibility" "location_visibility";--> statement-breakpoint
ALTER TABLE "locations" ADD COLUMN "address_of" "address_of" DEFAULT 'station' NOT NULL;--> statement-breakpoint
ALTER TABLE "locations" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "offerings" ADD COLUMN "price_type" "price_type" DEFAULT 'per_unit' NOT NULL;--> statement-breakpoint
ALTER TABLE "offerings" ADD COLUMN "price_ceiling" bigint;--> statement-breakpoint
ALTER TABLE "offerings" ADD COLUMN "price_options" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "offerings" ADD COLUMN "caregiver_genders" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "offerings" ADD COLUMN "hours" jsonb;--> statement-breakpoint
ALTER TABLE "change_requests" ADD CONSTRAINT "change_requests_offering_id_offerings_id_fk" FOREIGN KEY ("offering_id") REFERENCES "public"."offerings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "offering_assurances" ADD CONSTRAINT "offering_assurances_offering_id_offerings_id_fk" FOREIGN KEY ("offering_id") REFERENCES "public"."offerings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "offering_capacities" ADD CONSTRAINT "offering_capacities_offering_id_offerings_id_fk" FOREIGN KEY ("offering_id") REFERENCES "public"."offerings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "area_outlines" ADD CONSTRAINT "area_outlines_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "community_groups" ADD CONSTRAINT "community_groups_station_id_stations_id_fk" FOREIGN KEY ("station_id") REFERENCES "public"."stations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grid_posts" ADD CONSTRAINT "grid_posts_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "station_shares" ADD CONSTRAINT "station_shares_group_id_community_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."community_groups"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "station_shares" ADD CONSTRAINT "station_shares_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stations" ADD CONSTRAINT "stations_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feeds" ADD CONSTRAINT "feeds_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_flaws" ADD CONSTRAINT "import_flaws_import_id_imports_id_fk" FOREIGN KEY ("import_id") REFERENCES "public"."imports"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_feed_id_feeds_id_fk" FOREIGN KEY ("feed_id") REFERENCES "public"."feeds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "change_requests_offering" ON "change_requests" USING btree ("offering_id");--> statement-breakpoint
CREATE INDEX "change_requests_proposer" ON "change_requests" USING btree ("proposed_by");--> statement-breakpoint
CREATE INDEX "station_shares_area" ON "station_shares" USING btree ("area_id");--> statement-breakpoint
CREATE INDEX "stations_area" ON "stations" USING btree ("area_id");--> statement-breakpoint
CREATE INDEX "directory_records_in_order" ON "directory_records" USING btree ("kind","position");--> statement-breakpoint
CREATE INDEX "directory_records_feed" ON "directory_records" USING btree ("feed_id","kind") WHERE feed_id is not null;--> statement-breakpoint
CREATE INDEX "directory_records_postal_code" ON "directory_records" USING btree (upper(replace(fields->>'postal_code', ' ', ''))) WHERE kind = 'address';--> statement-breakpoint
CREATE INDEX "directory_records_organization_id" ON "directory_records" USING btree ("organization_id","kind") WHERE organization_id is not null;--> statement-breakpoint
CREATE INDEX "directory_records_program_id" ON "directory_records" USING btree ("program_id","kind") WHERE program_id is not null;--> statement-breakpoint
CREATE INDEX "directory_records_service_id" ON "directory_records" USING btree ("service_id","kind") WHERE service_id is not null;--> statement-breakpoint
CREATE INDEX "directory_records_location_id" ON "directory_records" USING btree ("location_id","kind") WHERE location_id is not null;--> statement-breakpoint
CREATE INDEX "directory_records_service_at_location_id" ON "directory_records" USING btree ("service_at_location_id","kind") WHERE service_at_location_id is not null;--> statement-breakpoint
CREATE INDEX "directory_records_contact_id" ON "directory_records" USING btree ("contact_id","kind") WHERE contact_id is not null;--> statement-breakpoint
CREATE INDEX "directory_records_phone_id" ON "directory_records" USING btree ("phone_id","kind") WHERE phone_id is not null;--> statement-breakpoint
CREATE INDEX "directory_records_taxonomy_id" ON "directory_records" USING btree ("taxonomy_id","kind") WHERE taxonomy_id is not null;--> statement-breakpoint
CREATE INDEX "directory_records_taxonomy_term_id" ON "directory_records" USING btree ("taxonomy_term_id","kind") WHERE taxonomy_term_id is not null;--> statement-breakpoint
CREATE INDEX "directory_records_parent_id" ON "directory_records" USING btree ("parent_id","kind") WHERE parent_id is not null;--> statement-breakpoint
CREATE INDEX "directory_records_link_id" ON "directory_records" USING btree ("link_id","kind") WHERE link_id is not null;--> statement-breakpoint
CREATE INDEX "directory_records_resource_id" ON "directory_records" USING btree ("resource_id","kind") WHERE resource_id is not null;--> statement-breakpoint
CREATE INDEX "directory_records_unit_id" ON "directory_records" USING btree ("unit_id","kind") WHERE unit_id is not null;--> statement-breakpoint
CREATE INDEX "directory_records_parent_organization_id" ON "directory_records" USING btree ("parent_organization_id","kind") WHERE parent_organization_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "imports_one_active" ON "imports" USING btree ("feed_id") WHERE "imports"."state" in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "imports_feed" ON "imports" USING btree ("feed_id");--> statement-breakpoint
CREATE INDEX "locations_organization" ON "locations" USING btree ("organization_id");--> statement-breakpoint
ALTER TABLE "offerings" ADD CONSTRAINT "offerings_price_ceiling" CHECK ("offerings"."price_ceiling" >= "offerings"."price");--> statement-breakpoint
ALTER TABLE "offerings" ADD CONSTRAINT "offerings_free" CHECK ("offerings"."price_type" <> 'free' or "offerings"."price" = 0);--> statement-breakpoint
-- Capacities had only their account so far: what there is at most was the account's limit.
INSERT INTO offering_capacities (offering_id, period, maximum, status, updated_at)
SELECT accounts.owner_id, accounts.period, accounts."limit", 'capacity', date_trunc('milliseconds', now())
FROM accounts JOIN offerings ON offerings.id = accounts.owner_id
WHERE accounts.kind = 'capacity';
