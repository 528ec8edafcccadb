CREATE TYPE "public"."feedback_outcome" AS ENUM('got_help', 'partly', 'not_helped', 'no_contact');--> statement-breakpoint
CREATE TYPE "public"."petition_state" AS ENUM('open', 'answered');--> statement-breakpoint
CREATE TYPE "public"."delivery_state" AS ENUM('recorded', 'confirmed', 'disputed');--> statement-breakpoint
CREATE TYPE "public"."resident_answer" AS ENUM('accepted', 'declined');--> statement-breakpoint
CREATE TYPE "public"."wallet_movement_kind" AS ENUM('top_up', 'carried_in', 'carried_out', 'erased');--> statement-breakpoint
CREATE TYPE "public"."webhook_delivery_state" AS ENUM('pending', 'delivered', 'dead');--> statement-breakpoint
CREATE TYPE "public"."webhook_state" AS ENUM('enabled', 'disabled');--> statement-breakpoint
CREATE TABLE "feedback" (
	"id" uuid PRIMARY KEY NOT NULL,
	"referral_id" uuid NOT NULL,
	"resident_id" uuid NOT NULL,
	"provider_id" uuid NOT NULL,
	"outcome" "feedback_outcome" NOT NULL,
	"rating" integer,
	"text" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "feedback_referral" UNIQUE("referral_id"),
	CONSTRAINT "feedback_rating" CHECK ("feedback"."rating" between 1 and 5)
);
--> statement-breakpoint
CREATE TABLE "petition_answers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"petition_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"text" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "petition_signatures" (
	"petition_id" uuid NOT NULL,
	"resident_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "petition_signatures_one_each" PRIMARY KEY("petition_id","resident_id")
);
--> statement-breakpoint
CREATE TABLE "petitions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid NOT NULL,
	"need_id" uuid NOT NULL,
	"area_id" uuid NOT NULL,
	"category" "category" NOT NULL,
	"term" text NOT NULL,
	"tier" "tier" NOT NULL,
	"text" text,
	"state" "petition_state" NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "petitions_need" UNIQUE("need_id")
);
--> statement-breakpoint
CREATE TABLE "run_prices" (
	"run_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"price" double precision NOT NULL,
	CONSTRAINT "run_prices_one_per_account" PRIMARY KEY("run_id","account_id")
);
--> statement-breakpoint
CREATE TABLE "erasures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"resident_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"erased" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "erasures_resident" UNIQUE("resident_id")
);
--> statement-breakpoint
CREATE TABLE "action_links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"referral_id" uuid NOT NULL,
	"delivery_id" uuid,
	"actions" jsonb NOT NULL,
	"principal_id" uuid NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"referral_id" uuid NOT NULL,
	"units" integer NOT NULL,
	"delivered_at" timestamp (3) with time zone NOT NULL,
	"evidence_hash" char(64),
	"state" "delivery_state" NOT NULL,
	"dispute_reason" text,
	"comment" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"answered_at" timestamp (3) with time zone,
	CONSTRAINT "deliveries_units" CHECK ("deliveries"."units" > 0)
);
--> statement-breakpoint
CREATE TABLE "wallet_movements" (
	"id" uuid PRIMARY KEY NOT NULL,
	"resident_id" uuid NOT NULL,
	"period" text NOT NULL,
	"kind" "wallet_movement_kind" NOT NULL,
	"amount" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "wallets" (
	"resident_id" uuid NOT NULL,
	"period" text NOT NULL,
	"carry_over_most" bigint,
	CONSTRAINT "wallets_resident_id_period_pk" PRIMARY KEY("resident_id","period"),
	CONSTRAINT "wallets_carry_over" CHECK ("wallets"."carry_over_most" >= 0)
);
--> statement-breakpoint
CREATE TABLE "sandbox_clock" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"ahead_ms" bigint NOT NULL,
	CONSTRAINT "sandbox_clock_one" CHECK ("sandbox_clock"."only")
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"webhook_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"state" "webhook_delivery_state" NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone,
	"last_status" integer,
	"last_error" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"delivered_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid NOT NULL,
	"url" text NOT NULL,
	"types" jsonb NOT NULL,
	"secret_sealed" text NOT NULL,
	"previous_secret_sealed" text,
	"previous_until" timestamp (3) with time zone,
	"state" "webhook_state" NOT NULL,
	"disabled_reason" text,
	"after_position" bigint NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "event_readers" (
	"name" text PRIMARY KEY NOT NULL,
	"seen" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "residents" DROP CONSTRAINT "residents_care_level";--> statement-breakpoint
ALTER TABLE "matches" ALTER COLUMN "run_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "referrals" ALTER COLUMN "purchaser_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "residents" ALTER COLUMN "reference_hash" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "residents" ALTER COLUMN "reference_sealed" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "residents" ALTER COLUMN "latitude" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "residents" ALTER COLUMN "longitude" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "resident_answer" "resident_answer";--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "resident_answered_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "answer_by" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "consents" ADD COLUMN "recipient_id" uuid;--> statement-breakpoint
ALTER TABLE "needs" ADD COLUMN "unit" "service_unit";--> statement-breakpoint
ALTER TABLE "needs" ADD COLUMN "needed_by" date;--> statement-breakpoint
ALTER TABLE "needs" ADD COLUMN "acceptable_hours" jsonb;--> statement-breakpoint
ALTER TABLE "needs" ADD COLUMN "preferences" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "needs" ADD COLUMN "refusals" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "residents" ADD COLUMN "assessments" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "residents" ADD COLUMN "erased_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "audience" uuid[];--> statement-breakpoint
UPDATE "events" SET "audience" = array_remove(ARRAY["organization_id"], NULL);--> statement-breakpoint
ALTER TABLE "events" ALTER COLUMN "audience" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "feedback" ADD CONSTRAINT "feedback_referral_id_referrals_id_fk" FOREIGN KEY ("referral_id") REFERENCES "public"."referrals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feedback" ADD CONSTRAINT "feedback_resident_id_residents_id_fk" FOREIGN KEY ("resident_id") REFERENCES "public"."residents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feedback" ADD CONSTRAINT "feedback_provider_id_organizations_id_fk" FOREIGN KEY ("provider_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "petition_answers" ADD CONSTRAINT "petition_answers_petition_id_petitions_id_fk" FOREIGN KEY ("petition_id") REFERENCES "public"."petitions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "petition_answers" ADD CONSTRAINT "petition_answers_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "petition_signatures" ADD CONSTRAINT "petition_signatures_petition_id_petitions_id_fk" FOREIGN KEY ("petition_id") REFERENCES "public"."petitions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "petition_signatures" ADD CONSTRAINT "petition_signatures_resident_id_residents_id_fk" FOREIGN KEY ("resident_id") REFERENCES "public"."residents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "petitions" ADD CONSTRAINT "petitions_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "petitions" ADD CONSTRAINT "petitions_need_id_needs_id_fk" FOREIGN KEY ("need_id") REFERENCES "public"."needs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "petitions" ADD CONSTRAINT "petitions_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_prices" ADD CONSTRAINT "run_prices_run_id_match_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."match_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_prices" ADD CONSTRAINT "run_prices_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_resident_id_residents_id_fk" FOREIGN KEY ("resident_id") REFERENCES "public"."residents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "action_links" ADD CONSTRAINT "action_links_referral_id_referrals_id_fk" FOREIGN KEY ("referral_id") REFERENCES "public"."referrals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "action_links" ADD CONSTRAINT "action_links_delivery_id_deliveries_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "public"."deliveries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_referral_id_referrals_id_fk" FOREIGN KEY ("referral_id") REFERENCES "public"."referrals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "wallet_movements" ADD CONSTRAINT "wallet_movements_resident_id_residents_id_fk" FOREIGN KEY ("resident_id") REFERENCES "public"."residents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "wallets" ADD CONSTRAINT "wallets_resident_id_residents_id_fk" FOREIGN KEY ("resident_id") REFERENCES "public"."residents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_webhook_id_webhooks_id_fk" FOREIGN KEY ("webhook_id") REFERENCES "public"."webhooks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_event_id_events_id_fk" FOREIGN KEY ("event_id") REFERENCES "public"."events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "feedback_resident" ON "feedback" USING btree ("resident_id");--> statement-breakpoint
CREATE INDEX "feedback_provider" ON "feedback" USING btree ("provider_id");--> statement-breakpoint
CREATE INDEX "petition_answers_petition" ON "petition_answers" USING btree ("petition_id");--> statement-breakpoint
CREATE INDEX "petition_signatures_resident" ON "petition_signatures" USING btree ("resident_id");--> statement-breakpoint
CREATE INDEX "petitions_area" ON "petitions" USING btree ("area_id");--> statement-breakpoint
CREATE UNIQUE INDEX "petitions_one_open" ON "petitions" USING btree ("area_id","category","term") WHERE "petitions"."state" = 'open';--> statement-breakpoint
CREATE INDEX "action_links_referral" ON "action_links" USING btree ("referral_id");--> statement-breakpoint
CREATE INDEX "deliveries_referral" ON "deliveries" USING btree ("referral_id");--> statement-breakpoint
CREATE INDEX "wallet_movements_wallet" ON "wallet_movements" USING btree ("resident_id","period");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_webhook" ON "webhook_deliveries" USING btree ("webhook_id","state");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due" ON "webhook_deliveries" USING btree ("next_attempt_at") WHERE "webhook_deliveries"."state" = 'pending';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_event" ON "webhook_deliveries" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "webhooks_organization" ON "webhooks" USING btree ("organization_id");--> statement-breakpoint
ALTER TABLE "consents" ADD CONSTRAINT "consents_recipient_id_organizations_id_fk" FOREIGN KEY ("recipient_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "referrals_unanswered" ON "referrals" USING btree ("answer_by") WHERE "referrals"."status" in ('requested', 'accepted');--> statement-breakpoint
CREATE INDEX "needs_resident" ON "needs" USING btree ("resident_id");--> statement-breakpoint
-- Levels of care were those of Taiwan's cms until now.
UPDATE "residents" SET "assessments" = jsonb_build_array(jsonb_build_object('scheme', 'cms', 'level', "care_level", 'validUntil', NULL)) WHERE "care_level" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "residents" DROP COLUMN "care_level";--> statement-breakpoint
ALTER TABLE "events" DROP COLUMN "organization_id";--> statement-breakpoint
ALTER TABLE "residents" ADD CONSTRAINT "residents_erased_whole" CHECK ("residents"."erased_at" is null and "residents"."reference_hash" is not null and "residents"."reference_sealed" is not null
        and "residents"."latitude" is not null and "residents"."longitude" is not null
        or "residents"."erased_at" is not null and num_nonnulls("residents"."reference_hash", "residents"."reference_sealed",
        "residents"."latitude", "residents"."longitude", "residents"."birth_year", "residents"."mobility", "residents"."income_class",
        "residents"."lives_alone") = 0 and "residents"."assessments" = '[]'::jsonb and "residents"."languages" = '[]'::jsonb);--> statement-breakpoint
-- What is in a wallet was put in by top-ups, and nothing of it goes over.
INSERT INTO "wallets" ("resident_id", "period", "carry_over_most") SELECT "owner_id", "period", 0 FROM "accounts" WHERE "kind" = 'wallet';
--> statement-breakpoint
INSERT INTO "wallet_movements" ("id", "resident_id", "period", "kind", "amount", "at") SELECT "id", "owner_id", "period", 'top_up', "limit", now() FROM "accounts" WHERE "kind" = 'wallet' AND "limit" > 0;
--> statement-breakpoint
CREATE TRIGGER wallet_movements_append_only BEFORE UPDATE OR DELETE ON wallet_movements FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- Nothing is written of a person once erased; who writes while an erasure is under way waits and sees what came of it.
CREATE FUNCTION refuse_erased_resident() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM residents WHERE id = NEW.resident_id AND erased_at IS NULL FOR KEY SHARE;
  IF NOT FOUND AND EXISTS (SELECT FROM residents WHERE id = NEW.resident_id) THEN
    RAISE EXCEPTION 'the resident is erased' USING ERRCODE = 'check_violation', CONSTRAINT = 'residents_erased';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER consents_not_of_erased BEFORE INSERT ON consents FOR EACH ROW EXECUTE FUNCTION refuse_erased_resident();
--> statement-breakpoint
CREATE TRIGGER needs_not_of_erased BEFORE INSERT ON needs FOR EACH ROW EXECUTE FUNCTION refuse_erased_resident();
--> statement-breakpoint
CREATE TRIGGER wallet_movements_not_of_erased BEFORE INSERT ON wallet_movements FOR EACH ROW EXECUTE FUNCTION refuse_erased_resident();
--> statement-breakpoint
CREATE TRIGGER feedback_not_of_erased BEFORE INSERT ON feedback FOR EACH ROW EXECUTE FUNCTION refuse_erased_resident();
--> statement-breakpoint
CREATE TRIGGER petition_signatures_not_of_erased BEFORE INSERT ON petition_signatures FOR EACH ROW EXECUTE FUNCTION refuse_erased_resident();
