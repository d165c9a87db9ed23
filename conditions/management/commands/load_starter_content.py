"""Fill a new site with its pages. Creates what is missing, never touches what an editor may have changed."""

from django.core.management.base import BaseCommand
from django.db import transaction

from conditions.models import (
    Citation,
    Condition,
    ConditionTreatment,
    OldAddress,
    Question,
    Region,
    ReviewPolicy,
    Source,
    Symptom,
    Treatment,
)
from conditions.starter import StarterFile, read_folder, read_sources, source_slug

OLD_ADDRESSES = {"/blog/botox-one-possible-solution-for-your-synkinesis": "botox"}


class Command(BaseCommand):
    help = "Create the pages of conditions/starter_content/ that are not in the database yet."

    @transaction.atomic
    def handle(self, **options):
        ReviewPolicy.objects.get_or_create(pk=1)
        self.add_sources()
        regions = read_folder("regions")
        for file in regions:
            self.region(file)
        treatments, conditions = read_folder("treatments"), read_folder("conditions")
        new = [self.page(Treatment, file) for file in treatments]
        self.gather_groups(treatments)
        new += [self.page(Condition, file) for file in conditions]
        for file in regions:
            self.symptoms(file)
        for path, slug in OLD_ADDRESSES.items():
            for page in Treatment.objects.filter(slug=slug):
                OldAddress.objects.get_or_create(path=path, defaults={"page": page.page})
        self.stdout.write(f"Starter content: {sum(new)} pages added, {len(new) - sum(new)} were there.")

    def add_sources(self):
        known = set(Source.objects.values_list("key", flat=True))
        Source.objects.bulk_create(
            Source(key=source_slug(key), **{name: value for name, value in source.items() if value is not None})
            for key, source in read_sources().items()
            if source_slug(key) not in known
        )
        self.sources = {source.key: source for source in Source.objects.all()}

    def region(self, file: StarterFile):
        Region.objects.get_or_create(
            slug=file.slug,
            defaults={
                "name": file.meta["name"],
                "position": file.meta["position"],
                "notice": file.meta.get("notice", Region.Notice.NONE),
                "lead": file.meta.get("lead") or "",
                "words_to_take": file.sections.get("", ""),
            },
        )

    def page(self, model, file: StarterFile) -> bool:
        """Create one page with its questions, sources and steps. True if it was missing."""
        if model.objects.filter(slug=file.slug).exists():
            return False
        meta = file.meta
        fields = {name: meta[name] for name in ("name", "title", "plain_name", "lead", "description", "position")}
        headings = {heading: name for name, (_, heading) in model.SECTIONS.items()} | STARTER_HEADINGS
        for heading, text in file.sections.items():
            if heading != "Questions people ask":
                fields[headings[heading]] = file.html(text)
        if model is Condition:
            fields["symptom_note"] = meta.get("symptom_note") or ""
        page = model.objects.create(
            slug=file.slug,
            in_brief="\n".join(file.numbered(line) for line in meta["in_brief"]),
            notice=meta.get("notice", model.Notice.NONE),
            search_words="\n".join(map(str, meta.get("search_words") or [])),
            is_published=True,
            **fields,
        )
        Citation.objects.bulk_create(
            Citation(page=page.page, source=self.sources[source_slug(key)], number=number)
            for number, key in enumerate(meta.get("sources") or [], start=1)
        )
        Question.objects.bulk_create(
            Question(page=page.page, question=question, answer=file.html(answer), position=position)
            for position, (question, answer) in enumerate(file.questions, start=1)
        )
        for position, step in enumerate(meta.get("treatments") or [], start=1):
            ConditionTreatment.objects.create(
                condition=page,
                treatment=Treatment.objects.get(slug=step["slug"]),
                why=file.numbered(step["why"]),
                position=position,
            )
        return True

    def gather_groups(self, files: list[StarterFile]):
        for file in files:
            if group := file.meta.get("group"):
                Treatment.objects.filter(slug=file.slug, group=None).update(group=Treatment.objects.get(slug=group))

    def symptoms(self, file: StarterFile):
        for position, row in enumerate(file.meta.get("symptoms") or [], start=1):
            symptom, created = Symptom.objects.get_or_create(
                slug=row["slug"],
                defaults={
                    **{name: row[name] for name in ("words", "short", "situation", "explanation")},
                    "search_words": "\n".join(map(str, row.get("search_words") or [])),
                    "position": position,
                },
            )
            if created:
                symptom.regions.set(Region.objects.filter(slug__in=[file.slug, *(row.get("also_in") or [])]))
                symptom.conditions.set(Condition.objects.filter(slug__in=row.get("conditions") or []))


# Headings that writers use in the files where the page's own heading is longer.
STARTER_HEADINGS = {
    "How we work it out": "how_we_work_it_out",
    "It has been years": "years_later",
}
