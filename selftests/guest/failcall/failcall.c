// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Make calls of one module fail, for tests in guests on a stock kernel.
 *
 *   modprobe failcall function=kvmalloc_node,__kvmalloc_node_noprof
 *   echo 3 2 > /sys/module/failcall/parameters/fail
 *           the third and fourth call from now on
 *   cat /sys/module/failcall/parameters/failed
 *
 * function= lists the names that the function has on different kernels; the first that
 * exists is taken. A call counts when its direct caller is in the module caller=,
 * livegrow by default. A call that is to fail returns value=, 0 by default, and
 * does nothing, so that nothing leaks.
 *
 * A breakpoint on the function changes where it returns to. Kernels with
 * CONFIG_FUNCTION_ERROR_INJECTION do the same by bpf_override_return().
 */
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/spinlock.h>

#define MAX_NAMES 4

static char *function[MAX_NAMES];
static int nr_names;
module_param_array(function, charp, &nr_names, 0444);

static char *caller = "livegrow";
module_param(caller, charp, 0444);

static int value;
module_param(value, int, 0444);

/* Guards the counts: to_go calls succeed, to_fail calls fail after them. */
static DEFINE_SPINLOCK(lock);
static unsigned long to_go, to_fail;

static unsigned long failed;
module_param(failed, ulong, 0444);

static int set_fail(const char *text, const struct kernel_param *param)
{
	unsigned long nth, count = 1, flags;

	if (sscanf(text, "%lu %lu", &nth, &count) < 1 || !nth)
		return -EINVAL;
	spin_lock_irqsave(&lock, flags);
	to_go = nth - 1;
	to_fail = count;
	spin_unlock_irqrestore(&lock, flags);
	return 0;
}

static int get_fail(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%lu %lu\n", to_go + 1, to_fail);
}

static const struct kernel_param_ops fail_ops = {
	.set = set_fail,
	.get = get_fail,
};

module_param_cb(fail, &fail_ops, NULL, 0644);

static bool is_of_caller(unsigned long address)
{
	char name[KSYM_SYMBOL_LEN], wanted[MODULE_NAME_LEN + 2];

	snprintf(wanted, sizeof(wanted), "[%s]", caller);
	sprint_symbol(name, address);
	return strstr(name, wanted);
}

static bool is_to_fail(void)
{
	unsigned long flags;
	bool fail = false;

	spin_lock_irqsave(&lock, flags);
	if (to_go && to_fail) {
		to_go--;
	} else if (to_fail) {
		to_fail--;
		failed++;
		fail = true;
	}
	spin_unlock_irqrestore(&lock, flags);
	return fail;
}

/* Runs in place of the function and keeps the return value in its register. */
static noinline notrace void just_return(void)
{
	barrier();
}

static int before_call(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned long *stack = (unsigned long *)kernel_stack_pointer(regs);

	if (!READ_ONCE(to_fail) || !is_of_caller(*stack) || !is_to_fail())
		return 0;
	regs_set_return_value(regs, (long)value);
	instruction_pointer_set(regs, (unsigned long)just_return);
	return 1;
}

static struct kprobe probe = { .pre_handler = before_call };

static int __init failcall_init(void)
{
	int i, err = -EINVAL;

	for (i = 0; i < nr_names; i++) {
		probe.symbol_name = function[i];
		probe.addr = NULL;
		err = register_kprobe(&probe);
		if (err != -ENOENT)
			break;
	}
	return err;
}

static void __exit failcall_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(failcall_init);
module_exit(failcall_exit);

MODULE_DESCRIPTION("Makes calls of one module fail");
MODULE_LICENSE("GPL");
