// SPDX-License-Identifier: GPL-2.0-or-later
/* The grow while the guest is up: the kernel knows the disk's old end. */
#include <stdlib.h>

#include "subject.h"

static const u64 more_lbas[NR_MORE] = { 1, 20, 5000 };

static const struct spec_part *last_part(const struct spec *spec)
{
	const struct spec_part *last = spec->parts;

	for (int i = 1; i < MAX_SPEC_PARTS; i++)
		if (spec->parts[i].first > last->first)
			last = &spec->parts[i];
	return last;
}

static struct lg_rollback order_of(const struct layout *layout)
{
	const struct spec_part *part = last_part(&layout->spec);
	u32 lba_size = layout->spec.lba_size ?: 512;

	if (!layout->back)
		return (struct lg_rollback){ 0 };
	return (struct lg_rollback){
		.part = part->number,
		.start = part->first * lba_size,
		.size = (layout->end - part->first + 1) * lba_size,
	};
}

void subject_boot(const struct subject *subject, const struct ram *ram, struct kernel *kernel)
{
	kernel_boot(kernel, &ram->disk, layout_align(subject->layout), subject->layout->flags);
	kernel->order = order_of(subject->layout);
}

/* To @last_lba, from the layout's old end, with nothing in between. */
static void grow(const struct subject *subject, u64 last_lba, struct ram *ram, struct trace *trace,
		 struct outcome *outcome)
{
	struct kernel kernel;

	ram->disk.last_lba = subject->layout->spec.last_lba;
	subject_boot(subject, ram, &kernel);
	ram->disk.last_lba = last_lba;
	reconcile(ram, &kernel, trace, outcome);
}

static void grow_directly(struct subject *subject, struct direct *direct, u64 last_lba)
{
	struct outcome outcome;

	direct->last_lba = last_lba;
	ram_new(&direct->final, &subject->base);
	grow(subject, last_lba, &direct->final, NULL, &outcome);
	judge(&direct->final.disk, &direct->found);
}

void subject_new(struct subject *subject, const struct layout *layout)
{
	*subject = (struct subject){ .layout = layout };
	layout_disk(layout, &subject->base);
	judge(&subject->base, &subject->before);
	ram_new(&subject->final, &subject->base);
	grow(subject, layout->last_lba, &subject->final, &subject->trace, &subject->outcome);
	judge(&subject->final.disk, &subject->after);
}

void subject_grow_more(struct subject *subject)
{
	for (int i = 0; i < NR_MORE; i++)
		grow_directly(subject, &subject->more[i], subject->layout->last_lba + more_lbas[i]);
}

void subject_free(struct subject *subject)
{
	for (int i = 0; i < NR_MORE && subject->more[i].last_lba; i++)
		ram_free(&subject->more[i].final);
	trace_free(&subject->trace);
	ram_free(&subject->final);
	disk_free(&subject->base);
}

bool subject_knows(const struct subject *subject, const struct found *found)
{
	return found->table &&
	       (found_same(found, &subject->before) || found_same(found, &subject->after));
}

void cut_apply(struct ram *ram, const struct cut *cut)
{
	const struct write *write = cut->trace->writes;

	for (u32 i = 0; i < cut->write; i++, write++)
		ram_write(ram, write->lba, write->count, write->data);
	for (u32 i = 0; i < write->count; i++)
		if (cut->written[i])
			ram_write(ram, write->lba + i, 1,
				  write->data + (size_t)i * ram->disk.lba_size);
}
