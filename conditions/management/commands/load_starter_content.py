"""Fill a new site with its pages. Creates what is missing, never touches what an editor may have changed."""

from django.core.management.base import BaseCommand
from django.db import transaction

from conditions.models import Citation, Condition, OldAddress, Page, Question, Region, ReviewPolicy, Source, Symptom
from conditions.page_types import PAGE_TYPES, PageType
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
        files = [(page_type, file) for page_type in PAGE_TYPES for file in read_folder(page_type.prefix)]
        new = [(page_type, page, file) for page_type, file in files if (page := self.page(page_type, file))]
        for page_type, page, file in new:
            page_type.starter_links(page, file)
        for file in regions:
            self.symptoms(file)
        for path, slug in OLD_ADDRESSES.items():
            for page in Page.objects.filter(slug=slug):
                OldAddress.objects.get_or_create(path=path, defaults={"page": page})
        self.stdout.write(f"Starter content: {len(new)} pages added, {len(files) - len(new)} were there.")

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

    def page(self, page_type: PageType, file: StarterFile) -> Page | None:
        """Create one page with its questions and sources, if it is missing."""
        model, meta = page_type.model, file.meta
        if model.objects.filter(slug=file.slug).exists():
            return None
        fields = {name: meta[name] for name in ("name", "title", "plain_name", "lead", "description", "position")}
        fields |= page_type.starter_fields(file)
        headings = {heading: name for name, (_, heading) in model.SECTIONS.items()} | page_type.starter_headings
        for heading, text in file.sections.items():
            if heading != "Questions people ask":
                fields[headings[heading]] = file.html(text)
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
        return page

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
